import { Readable } from 'node:stream';
import { runLine } from '../../../../sdk/cli/src/main.ts';

/** A request that a command line has sent. */
interface Sent {
  readonly method: string;
  readonly path: string;
  /** The fields of its query and of its body. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RunOptions {
  readonly terminal?: boolean;
  readonly input?: string;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly sent: readonly Sent[];
}

const sentBy = (input: Parameters<typeof fetch>[0], init: RequestInit | undefined): Sent => {
  const { pathname, searchParams } = new URL(input instanceof Request ? input.url : String(input));
  const body = typeof init?.body === 'string' && init.body.startsWith('{') ? JSON.parse(init.body) : {};
  return {
    method: init?.method ?? 'GET',
    path: pathname,
    fields: { ...Object.fromEntries(searchParams), ...(body as object) },
  };
};

/** Puts something in the place of a property until the work is done. */
const during = async <O extends object, T>(
  object: O,
  values: Partial<Record<keyof O, unknown>>,
  work: () => Promise<T>,
): Promise<T> => {
  const before = Object.keys(values).map((key) => [key, Object.getOwnPropertyDescriptor(object, key)] as const);
  for (const [key, value] of Object.entries(values))
    Object.defineProperty(object, key, { value, configurable: true, writable: true, enumerable: true });
  try {
    return await work();
  } finally {
    for (const [key, descriptor] of before) {
      if (descriptor) Object.defineProperty(object, key, descriptor);
      else Reflect.deleteProperty(object, key);
    }
  }
};

const collecting = (pieces: Buffer[]) => ({
  write: (piece: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    pieces.push(Buffer.from(piece as Uint8Array));
    const done = rest.at(-1);
    if (typeof done === 'function') setImmediate(done as () => void);
    return true;
  },
});

/**
 * Runs one command line in this process, as bin/onmemos.mjs does in one of its own: hundreds of them take seconds.
 * @param terminal whether stdin, stdout and stderr are said to be one
 * @param input what stdin has
 */
export const runHere = async (
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  { terminal = false, input = '' }: RunOptions = {},
): Promise<Ran> => {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  const sent: Sent[] = [];
  const asked = globalThis.fetch;
  const recording: typeof fetch = (input, init) => {
    sent.push(sentBy(input, init));
    return asked(input, init);
  };
  const tty = terminal ? { isTTY: true } : {};
  const stdin = Object.assign(Readable.from(input === '' ? [] : [Buffer.from(input)], { objectMode: false }), tty);
  process.exitCode = undefined;
  const code = await during(process, { env: { ...env }, stdin }, () =>
    during(globalThis, { fetch: recording }, () =>
      during(process.stdout, { ...collecting(out), ...tty }, () =>
        during(process.stderr, { ...collecting(err), ...tty }, () => runLine(argv)),
      ),
    ),
  );
  process.exitCode = undefined;
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), sent };
};
