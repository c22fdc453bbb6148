/**
 * `contention-child.ts LOOP HOST PROJECT WRITERS MS`: adds one to one document as fast as it can, by so many writers at
 * once, each with one transaction after the other, and says how that went. LOOP `ours` is the store of the services,
 * `client` the transaction loop of Google’s client as it is by default. Begins when it is told to by a line. With no time
 * each writer writes once.
 */
import { once } from 'node:events';
import { Firestore } from '@google-cloud/firestore';
import { openFirestoreStore } from '#drivers/store/firestore/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import type { Collection } from '#ports/store.ts';
import { commits } from '#services/model/collections.ts';
import type { Contended } from './contention.ts';

const [loop, host = '', project = '', writers = '1', ms = '0'] = process.argv.slice(2);
const counters: Collection<{ readonly n: number }> = { name: 'counters', indexes: [] };
const ID = 'one';

/** Adds one, and calls `tried` at each try. */
type Add = (tried: () => void) => Promise<void>;

const ours = async (): Promise<Add> => {
  const store = await openFirestoreStore({
    ...{ project, collections: [counters, commits], commits, emulatorHost: host },
    ...{ clock: systemClock, ids: systemIds, log: createLogger({ level: 'silent' }) },
  });
  return (tried) =>
    store.transaction(
      async (tx) => {
        tried();
        const found = await tx.get(counters, ID);
        tx.put(counters, ID, { n: (found?.data.n ?? 0) + 1 });
      },
      // As all transactions of the services: no marker is written.
      { repeatable: true },
    );
};

const client = async (): Promise<Add> => {
  const firestore = new Firestore({ projectId: project, host, ssl: false });
  const reference = firestore.collection(counters.name).doc(ID);
  return (tried) =>
    firestore.runTransaction(async (tx) => {
      tried();
      const found = await tx.get(reference);
      tx.set(reference, { n: Number(found.get('n') ?? 0) + 1 });
    });
};

const add = loop === 'ours' ? await ours() : await client();
const result: { -readonly [K in keyof Contended]: Contended[K] } = { done: 0, tries: 0, failed: 0, longest_ms: 0 };

const write = async (until: number): Promise<void> => {
  do {
    const began = performance.now();
    try {
      await add(() => {
        result.tries += 1;
      });
      result.done += 1;
    } catch {
      result.failed += 1;
    }
    result.longest_ms = Math.max(result.longest_ms, performance.now() - began);
  } while (performance.now() < until);
};

console.log('ready');
await once(process.stdin, 'data');
const until = performance.now() + Number(ms);
await Promise.all(Array.from({ length: Number(writers) }, () => write(until)));
console.log(JSON.stringify(result));
process.exit(0);
