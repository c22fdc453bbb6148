import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#ports/clock.ts';
import { forgetNote, readNote, type ServerNote } from './discovery.ts';

/** Another server has the data folder and keeps it. The message is a sentence for a person. */
export class FolderServed extends Error {
  override readonly name = 'FolderServed';
}

export interface ClaimOptions<T> {
  readonly dataDir: string;
  readonly clock: Clock;
  /** Takes the folder's lock. @throws an error named StoreLocked where another process has it */
  readonly open: () => Promise<T>;
}

const LOOK_MS = 100;
const ANSWER_MS = 2_000;
/** A server with much to sweep is slow to listen, on a busy machine above all. */
const OTHER_STARTS_MS = 60_000;
/** Longer than an unused embedded server needs to exit, with or without sessions. */
const HAND_OVER_MS = 15_000;
/** One that nothing keeps busy is gone by then. */
const USUAL_HAND_OVER_MS = 3_000;
/** A start that has not repeated its request for the folder for this long is gone. */
const FORGOTTEN_MS = 5_000;

const requestPath = (dataDir: string): string => join(dataDir, 'hand-over');

/** Does another start wait for the embedded server of this folder to make room? It says so again at every look. */
export const handOverAsked = async (dataDir: string, clock: Pick<Clock, 'now'>): Promise<boolean> => {
  const request = await stat(requestPath(dataDir)).catch(() => null);
  return request !== null && clock.now() - request.mtimeMs < FORGOTTEN_MS;
};

const forgetHandOver = (dataDir: string): Promise<void> => rm(requestPath(dataDir), { force: true });

const answers = async ({ url }: ServerNote): Promise<boolean> => {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(ANSWER_MS) })).ok;
  } catch {
    return false;
  }
};

/** Opens until the lock is free or `blocked` throws what it finds in the way. What a predecessor left is then removed. */
const openWhenFree = async <T>(
  { dataDir, clock, open }: ClaimOptions<T>,
  limitMs: number,
  blocked: () => Promise<void>,
): Promise<T> => {
  const end = clock.monotonic() + limitMs;
  for (;;) {
    try {
      const opened = await open();
      await Promise.all([forgetNote(dataDir), forgetHandOver(dataDir)]);
      return opened;
    } catch (error) {
      if ((error as Error).name !== 'StoreLocked') throw error;
      await blocked();
      if (clock.monotonic() > end) throw error;
    }
    await clock.sleep(LOOK_MS);
  }
};

/**
 * For an embedded server: the folder, or else a server of it that answers. One that is only starting, or just going,
 * is waited for. @throws FolderServed when another one serves
 */
export const claimOrYield = <T>(options: ClaimOptions<T>): Promise<T> =>
  openWhenFree(options, OTHER_STARTS_MS, async () => {
    const note = await readNote(options.dataDir);
    if (note && (await answers(note)))
      throw new FolderServed(`The server at ${note.url} has the data folder ${options.dataDir}. Use that server.`);
  });

/**
 * For a server that stays: the folder, which an embedded one is asked to hand over. It does so with its sessions, but
 * not while calls are under way. @throws FolderServed when it doesn't, StoreLocked when a server of any other kind serves
 */
export const claimOrTakeOver = async <T>(options: ClaimOptions<T>): Promise<T> => {
  const { dataDir, clock } = options;
  const start = clock.monotonic();
  let other: ServerNote | null = null;
  let told = false;
  const blocked = async (): Promise<void> => {
    const note = await readNote(dataDir);
    if (note && !note.embedded) {
      throw Object.assign(new Error('another server serves'), { name: 'StoreLocked', url: note.url, pid: note.pid });
    }
    if (note && !other) console.error('Taking over from the server that onmemos started for your commands.');
    other = note ?? other;
    const waited = clock.monotonic() - start;
    if (note && !told && waited > USUAL_HAND_OVER_MS) {
      told = true;
      console.error(
        `It is still in use. Close open shells and commands; waiting up to ${HAND_OVER_MS / 1000} s for it.`,
      );
    }
    if (note) await writeFile(requestPath(dataDir), '', { mode: 0o600 });
  };
  try {
    return await openWhenFree(options, HAND_OVER_MS, blocked);
  } catch (error) {
    if ((error as Error).name !== 'StoreLocked' || !other) throw error;
    const { url, pid }: ServerNote = other;
    await forgetHandOver(dataDir);
    throw new FolderServed(
      `The embedded server at ${url}, which onmemos has started, has the data folder ${dataDir} and calls under way.\n` +
        `End it by \`kill ${pid}\`, then start again: its sessions continue under the next server. Or wait until its calls have ended.`,
    );
  }
};
