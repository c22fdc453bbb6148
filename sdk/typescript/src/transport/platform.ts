/** What of a platform beyond the web's own may be there: Node, Deno and Bun have it, browsers do not. */
export interface ProcessLike {
  readonly pid?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: (id: string) => unknown;
  readonly kill?: (pid: number, signal: 0 | string) => unknown;
  readonly exit?: (code: number) => void;
  readonly prependListener?: (event: string, listener: Listener) => unknown;
  readonly off?: (event: string, listener: Listener) => unknown;
  readonly listeners?: (event: string) => readonly Listener[];
}

/** What is called at a signal. */
export type Listener = () => void;

interface OperatingSystem {
  readonly userInfo: () => { readonly username: string };
}

interface FileSystem {
  readonly readFileSync: (path: string, encoding: 'utf8') => string;
}

export const processOf = (): ProcessLike | undefined => (globalThis as { readonly process?: ProcessLike }).process;

/** A variable of the environment; null where it is empty, unset, or not to be read. */
export const environment = (name: string): string | null => {
  try {
    return processOf()?.env?.[name] || null;
  } catch {
    // Deno refuses variables that it was not allowed to read.
    return null;
  }
};

/** A small file of this machine; null where there is none, or no file system. */
export const readTextFile = (path: string): string | null => {
  try {
    const files = processOf()?.getBuiltinModule?.('node:fs') as FileSystem | undefined;
    return files?.readFileSync(path, 'utf8') ?? null;
  } catch {
    return null;
  }
};

/** The name of this machine's user; null where there is none, or no machine. */
export const userName = (): string | null => {
  try {
    const system = processOf()?.getBuiltinModule?.('node:os') as OperatingSystem | undefined;
    return system?.userInfo().username ?? null;
  } catch {
    // A user without an entry in the system's list, as in many containers.
    return null;
  }
};

/** Whether a process of this machine is there. Where that can't be asked, it is taken to be. */
export const processLives = (pid: number): boolean => {
  try {
    processOf()?.kill?.(pid, 0);
    return true;
  } catch (error) {
    return (error as { readonly code?: unknown } | null)?.code !== 'ESRCH';
  }
};

/** Lets the program end although this timer has not fired. A browser's timers keep nothing. */
export const unref = (timer: unknown): void => {
  if (typeof timer === 'object') (timer as { unref?(): void } | null)?.unref?.();
  else (globalThis as { readonly Deno?: { unrefTimer?(id: unknown): void } }).Deno?.unrefTimer?.(timer);
};
