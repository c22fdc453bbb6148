import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRecordStore, type SessionRecord } from '../../../functions/keeper/record-store.ts';
import { type Disk, disks } from '../../support/fuse/disk.ts';
import { failPower } from '../../support/fuse/power-switch.ts';

const disk = disks();
/** Folders that the keeper makes itself: their names are to be there too. */
const open = ({ path }: Disk) => openRecordStore(join(path, 'keeper', 'sessions'));

const record = (key: string, given: Partial<SessionRecord> = {}): SessionRecord => ({
  ...{ key, session_id: key, state: 'running', created_at: 1, started_at: 2, ended_at: null },
  ...{ reason: null, message: null, removed: false, boot_id: 'boot', ...given },
});

describe('records of a keeper when the power fails', () => {
  it('has each record that was put, as it was put last', async ({ skip }) => {
    const own = await disk(skip);
    const store = await open(own);
    await store.put(record('ends'));
    await store.put(record('runs'));
    await store.put(record('ends', { state: 'ended', ended_at: 7, removed: true }));
    failPower(own.path);
    await own.restart();
    const found = (await open(own)).all();
    const ended = record('ends', { state: 'ended', ended_at: 7, removed: true });
    expect(found.toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([ended, record('runs')]);
  });

  it('has all that were put at once, and syncs the folder not for each of them', async ({ skip }) => {
    const own = await disk(skip);
    const store = await open(own);
    const keys = Array.from({ length: 60 }, (_, i) => `s-${i}`);
    const before = await own.syncs();
    await Promise.all(keys.map((key) => store.put(record(key))));
    const syncs = (await own.syncs()) - before;
    failPower(own.path);
    await own.restart();
    expect(
      (await open(own))
        .all()
        .map(({ key }) => key)
        .sort(),
    ).toEqual(keys.sort());
    expect(syncs).toBeGreaterThan(keys.length);
    expect(syncs).toBeLessThan(1.7 * keys.length);
  });

  it('says so where a record can’t be synced', async ({ skip }) => {
    const own = await disk(skip);
    const store = await open(own);
    await own.failSyncs(true);
    await expect(store.put(record('lost'))).rejects.toMatchObject({ code: 'EIO' });
    await own.failSyncs(false);
    await store.put(record('kept'));
    failPower(own.path);
    await own.restart();
    expect((await open(own)).all().map(({ key }) => key)).toEqual(['kept']);
  });
});
