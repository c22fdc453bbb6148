import { afterAll, beforeAll } from 'vitest';
import type { FirestoreStore } from '#drivers/store/firestore/firestore-store.ts';
import { type FirestoreStoreOptions, openFirestoreStore } from '#drivers/store/firestore/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import type { Collection, CommitDoc } from '#ports/store.ts';
import { type FirestoreEmulator, startFirestoreEmulator } from '../../support/firestore-emulator.ts';
import { COLLECTIONS } from './fixture.ts';

export const commits: Collection<CommitDoc> = { name: 'commits', indexes: [['purge_at']] };

/** An emulator for the tests of a file, if one can run here. */
export const emulatorForFile = (): (() => FirestoreEmulator) => {
  let emulator: FirestoreEmulator | null = null;
  beforeAll(async () => {
    emulator = await startFirestoreEmulator();
  });
  afterAll(() => emulator?.stop());
  return () => {
    if (emulator === null) throw new Error('the emulator of this file is not running');
    return emulator;
  };
};

/** A store in a project of its own. */
export const openOn = (
  { host, project }: Pick<FirestoreEmulator, 'host' | 'project'>,
  options: Partial<FirestoreStoreOptions> = {},
): Promise<FirestoreStore> => {
  const { collections = COLLECTIONS, ...more } = options;
  return openFirestoreStore({
    project: project(),
    collections: [...collections, commits],
    commits,
    clock: systemClock,
    ids: systemIds,
    log: createLogger({ level: 'silent' }),
    emulatorHost: host,
    ...more,
  });
};
