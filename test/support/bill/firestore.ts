import { openFirestoreStore } from '#drivers/store/firestore/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import type { Store } from '#ports/store.ts';
import { COLLECTIONS, commits } from '#services/model/collections.ts';
import type { FirestoreEmulator } from '../firestore-emulator.ts';
import { type Documents, driverCount } from './documents.ts';

export interface FirestoreCount {
  /** Its driver counts. */
  readonly store: Store;
  /** The same documents, without a count. */
  readonly plain: Store;
  taken(): Documents;
  close(): Promise<void>;
}

/** The services’ documents in a project of their own, counted where they leave for Firestore. */
export const openCountedFirestore = async ({ host, project }: FirestoreEmulator): Promise<FirestoreCount> => {
  const { observe, taken } = driverCount();
  const options = {
    ...{ project: project(), collections: COLLECTIONS, commits, emulatorHost: host },
    ...{ clock: systemClock, ids: systemIds, log: createLogger({ level: 'silent' }) },
  };
  const [store, plain] = await Promise.all([openFirestoreStore({ ...options, observe }), openFirestoreStore(options)]);
  return { store, plain, taken, close: async () => void (await Promise.all([store.close(), plain.close()])) };
};
