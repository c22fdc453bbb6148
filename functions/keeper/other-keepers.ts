import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keeperFolder, SLOTS } from '#platform/keeper-folders.ts';
import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import { lockInstance } from './instance-lock.ts';
import { loadRecord, type SessionRecord } from './record-store.ts';

/** What another keeper has on record of a session. */
export interface OtherKeeperSession {
  readonly record: SessionRecord;
  /** The keeper was alive at this instant, and the session had not ended. */
  readonly seen_at: number;
}

/**
 * Keepers of the same data folder that speak another version of the protocol, each in a slot of its own. While one
 * lives, its records are read and nothing of it is touched. What it leaves is taken over.
 */
export interface OtherKeepers {
  /** A session that a living one has; null where none has. */
  find(key: string): Promise<OtherKeeperSession | null>;
  /** All sessions that run in living ones. */
  running(): Promise<readonly SessionRecord[]>;
  /** Takes over the records of those that have ended, and removes their sandboxes. */
  takeOver(): Promise<void>;
}

export interface OtherKeepersOptions {
  readonly dataDir: string;
  /** This keeper's own. */
  readonly slot: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
  readonly sweepSlot: (slot: number) => Promise<void>;
  /** Takes a record into this keeper's own. */
  readonly adopt: (record: SessionRecord) => Promise<void>;
}

/** None where the folder is not there. @throws Error where it can't be read: what is in it is not to be removed then */
const namesIn = async (dir: string): Promise<readonly string[]> => {
  try {
    return await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

const KEY = /^[a-z0-9-]{1,63}$/;

export const otherKeepers = (options: OtherKeepersOptions): OtherKeepers => {
  const { dataDir, slot: own, clock, log, sweepSlot, adopt } = options;
  let looking: Promise<unknown> = Promise.resolve();

  const recordsOf = (slot: number): string => join(keeperFolder(dataDir, slot), 'sessions');
  /** Slots that have records, which are those that concern another keeper. */
  const used = (): number[] => SLOTS.filter((slot) => slot !== own && existsSync(recordsOf(slot)));

  const allRecords = async (slot: number): Promise<SessionRecord[]> => {
    const dir = recordsOf(slot);
    const names = (await namesIn(dir)).filter((name) => name.endsWith('.json'));
    const records = await Promise.all(names.map((name) => loadRecord(join(dir, name))));
    return records.filter((record) => record !== null);
  };

  const takeOver = async (slot: number): Promise<void> => {
    try {
      // Adopted before any step that can fail, so that no session of an ended keeper is reported as running.
      for (const record of await allRecords(slot)) await adopt(record);
      await sweepSlot(slot);
      // The lock file is kept: a process that has it open would otherwise hold a lock on a deleted file.
      await rm(recordsOf(slot), { recursive: true, force: true });
      log.info({ slot }, 'took over what a keeper in another slot left');
    } catch (error) {
      log.error({ error, slot }, 'what a keeper in another slot left can not be taken over yet; it is tried again');
    }
  };

  const lives = async (slot: number): Promise<boolean> => {
    const unlock = lockInstance(join(keeperFolder(dataDir, slot), 'keeper.lock'));
    if (!unlock) return true;
    await takeOver(slot).finally(unlock);
    return false;
  };

  /** Slots whose keepers live, seen after the call. What the others left is taken over. */
  const living = (): Promise<readonly number[]> => {
    const look = async (): Promise<readonly number[]> => {
      const found: number[] = [];
      for (const slot of used()) if (await lives(slot)) found.push(slot);
      return found;
    };
    const looked = looking.then(look);
    looking = looked.catch(() => {});
    return looked;
  };

  return {
    takeOver: async () => void (await living()),
    find: async (key) => {
      if (!KEY.test(key)) return null;
      const seen_at = clock.now();
      for (const slot of await living()) {
        const record = await loadRecord(join(recordsOf(slot), `${key}.json`));
        if (record) return { record, seen_at };
      }
      return null;
    },
    running: async () => {
      const records = await Promise.all((await living()).map(allRecords));
      return records.flat().filter(({ state }) => state === 'running');
    },
  };
};
