import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Disk, disks } from '../../support/fuse/disk.ts';
import { counters, items } from '../store/fixture.ts';
import { openStoreIn } from '../store/temporary.ts';

const CHILD = join(import.meta.dirname, 'power-child.ts');
const disk = disks();
/** Folders that the store makes itself: their names are to be there too. */
const dataOn = ({ path }: Disk): string => join(path, 'new', 'data');

/** What a process had acknowledged when the power failed under it. */
const writeUntilPowerFails = async (own: Disk, lanes: number, enough: number): Promise<readonly string[]> => {
  const args = [CHILD, own.path, dataOn(own), String(lanes), String(enough)];
  const ended = (await promisify(execFile)(process.execPath, args).catch((error: unknown) => error)) as {
    readonly signal?: string;
    readonly stdout: string;
  };
  expect(ended).toMatchObject({ signal: 'SIGKILL' });
  return ended.stdout.split('\n');
};

describe('sqlite store when the power fails', () => {
  it.for([
    { lanes: 1, enough: 1 },
    { lanes: 1, enough: 30 },
    { lanes: 8, enough: 501 },
    { lanes: 8, enough: 1500 },
  ])(
    'has each of $enough writes that it acknowledged, and no half of one ($lanes at once)',
    async ({ lanes, enough }, { skip }) => {
      const own = await disk(skip);
      const acknowledged = await writeUntilPowerFails(own, lanes, enough);
      expect(acknowledged).toHaveLength(enough);
      await own.restart();
      const store = await openStoreIn(dataOn(own));
      for (const line of acknowledged) {
        const [lane, n] = line.split(' ');
        expect((await store.get(items, `lane${lane}-${n}`))?.data.rank, line).toBe(Number(n));
      }
      for (let lane = 0; lane < lanes; lane++) {
        const order = { field: 'rank', direction: 'desc' } as const;
        const top = await store.query(items, { where: { owner: `lane${lane}` }, order, limit: 1 });
        expect(top.docs[0]?.data.rank ?? 0).toBe((await store.get(counters, `lane${lane}`))?.data.n ?? 0);
      }
      expect(store.sql.database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      await store.close();
    },
  );

  it('acknowledges no write that its disk could not sync', async ({ skip }) => {
    const own = await disk(skip);
    const store = await openStoreIn(dataOn(own));
    await store.put(counters, 'before', { n: 1 });
    await own.failSyncs(true);
    const outcomes = await Promise.allSettled([
      store.put(counters, 'alone', { n: 1 }),
      store.transaction(async (tx) => tx.create(counters, 'in a transaction', { n: 1 })),
      store.sql.commit(() => store.sql.database.exec('CREATE TABLE tasks (a)')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await own.failSyncs(false);
    await store.put(counters, 'after', { n: 1 });
    const all = await store.query(counters, { limit: 10 });
    expect(all.docs.map(({ id }) => id)).toEqual(['after', 'before']);
    await store.close();
  });
});
