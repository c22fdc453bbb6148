import { createHash } from 'node:crypto';
import { OnMemOSClient } from '../../../sdk/typescript/src/index.ts';
import { askPython } from './python.ts';

/** A command in a session that is there. */
export interface Asked {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly session: string;
  readonly command: string;
  /** For its stdin, by `run` alone. */
  readonly input?: string;
  /** The client's; its default when left out. */
  readonly maxRetries?: number;
}

/** Its stdout as it came. */
export interface Came {
  readonly bytes: number;
  readonly sha256: string;
}

/** One way of an SDK, with its defaults, to run a command and have its output. */
export interface Reader {
  readonly way: string;
  read(asked: Asked): Promise<Came>;
}

export const digestOf = (text: string): Came => {
  const bytes = Buffer.from(text);
  return { bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
};

const digest = async (pieces: AsyncIterable<Uint8Array>): Promise<Came> => {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    bytes += piece.byteLength;
  }
  return { bytes, sha256: hash.digest('hex') };
};

const clientOf = ({ baseUrl, apiKey, maxRetries }: Asked): OnMemOSClient =>
  new OnMemOSClient({ baseUrl, apiKey, maxRetries });

const gone = (interactive: boolean) => async (asked: Asked) => {
  const session = await clientOf(asked).sessions.get(asked.session);
  const started = await session.start(asked.command, { stdin: interactive });
  return digest(
    (async function* () {
      for await (const { data } of started) yield data;
    })(),
  );
};

const python = (way: string): Reader => ({
  way: `python, ${way}`,
  read: (asked) => askPython<Came>('read_output.py', { ...asked, way }),
});

/** Those that read output of any size as it comes. */
export const STREAMS: readonly Reader[] = [
  { way: 'typescript, a process gone through', read: gone(false) },
  { way: 'typescript, attached by a WebSocket', read: gone(true) },
  {
    way: 'typescript, the raw log',
    read: async (asked) => {
      const client = clientOf(asked);
      const started = await (await client.sessions.get(asked.session)).start(asked.command);
      return digest(client.execs.log(asked.session, started.exec_id));
    },
  },
  python('sync'),
  python('async'),
];

/** The one held call. */
export const EXECUTES: readonly Reader[] = [
  {
    way: 'typescript, execute',
    read: async (asked) => {
      const { stdout } = await clientOf(asked).execs.execute(asked.session, { command: asked.command });
      return digestOf(stdout);
    },
  },
  python('execute'),
];

/** Those that give a command its input. */
export const RUNS: readonly Reader[] = [
  {
    way: 'typescript, run',
    read: async (asked) => {
      const session = await clientOf(asked).sessions.get(asked.session);
      const { stdout } = await session.run(asked.command, asked.input === undefined ? {} : { input: asked.input });
      return digestOf(stdout);
    },
  },
  python('run'),
];
