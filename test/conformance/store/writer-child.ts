import { openSqliteStore } from '#drivers/store/sqlite/open.ts';
import { systemClock } from '#platform/clock.ts';
import { COLLECTIONS, counters, items } from './fixture.ts';

/** Writes without end until it is killed, and says on stdout what was acknowledged: `<pair> <n>`, line by line. */
const [path = ''] = process.argv.slice(2);
const store = await openSqliteStore({ path, collections: COLLECTIONS, clock: systemClock, schemaVersion: 1 });

const write = async (lane: number): Promise<void> => {
  for (let n = 1; ; n++) {
    await store.transaction(async (tx) => {
      await tx.get(counters, `lane${lane}`);
      tx.put(counters, `lane${lane}`, { n });
      tx.create(items, `lane${lane}-${n}`, { owner: `lane${lane}`, rank: n });
    });
    process.stdout.write(`${lane} ${n}\n`);
  }
};

process.stdout.write('ready\n');
await Promise.all(Array.from({ length: 8 }, (_, lane) => write(lane)));
