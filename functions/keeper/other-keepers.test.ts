import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keeperFolder } from '#platform/keeper-folders.ts';
import { lockInstance } from './instance-lock.ts';
import { otherKeepers } from './other-keepers.ts';
import { openRecordStore, type SessionRecord } from './record-store.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };

const record = (key: string, given: Partial<SessionRecord> = {}): SessionRecord => ({
  key,
  session_id: key,
  state: 'running',
  created_at: 1,
  started_at: 2,
  ended_at: null,
  reason: null,
  message: null,
  removed: false,
  boot_id: 'boot',
  ...given,
});

describe('otherKeepers', () => {
  let dataDir: string;
  let release: (() => void) | null;
  const recordsOf = (slot: number) => join(keeperFolder(dataDir, slot), 'sessions');

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'onmemos-others-'));
    release = null;
  });
  afterEach(async () => {
    release?.();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Slot 1 with these records, its keeper alive; seen from a keeper in slot 2 at an instant that the test moves. */
  const beside = async (records: readonly SessionRecord[], sweep: () => Promise<void> = async () => {}) => {
    const store = await openRecordStore(recordsOf(1));
    for (const one of records) await store.put(one);
    release = lockInstance(join(keeperFolder(dataDir, 1), 'keeper.lock'));
    const adopted: SessionRecord[] = [];
    const swept: number[] = [];
    const time = { now: 1000 };
    const others = otherKeepers({
      dataDir,
      slot: 2,
      clock: { now: () => time.now++ },
      log: silent,
      sweepSlot: async (slot) => {
        await sweep();
        swept.push(slot);
      },
      adopt: async (one) => {
        if (!adopted.some(({ key }) => key === one.key)) adopted.push(one);
      },
    });
    const die = () => {
      release?.();
      release = null;
    };
    return { others, store, adopted, swept, die, time };
  };

  it('shows what a living keeper has, and touches nothing of it', async () => {
    const ended = record('done', { state: 'ended', ended_at: 7 });
    const { others, swept, adopted, store } = await beside([record('runs'), ended]);
    expect(await others.find('runs')).toEqual({ record: record('runs'), seen_at: 1000 });
    expect((await others.find('done'))?.record).toEqual(ended);
    expect(await others.find('unknown')).toBeNull();
    expect(await others.find('../../keeper/sessions/runs')).toBeNull();
    expect(await others.running()).toEqual([record('runs')]);
    await store.put(record('runs', { state: 'ended', ended_at: 9 }));
    expect((await others.find('runs'))?.record.ended_at).toBe(9);
    expect(await others.running()).toEqual([]);
    expect({ swept, adopted }).toEqual({ swept: [], adopted: [] });
    expect((await readdir(recordsOf(1))).sort()).toEqual(['done.json', 'runs.json']);
  });

  it('removes no records of a keeper that has ended while one of them can not be read', async () => {
    const { others, adopted, swept, die } = await beside([record('runs')]);
    const blocked = join(recordsOf(1), 'blocked.json');
    // A link to itself: it exists and can't be read.
    await symlink(blocked, blocked);
    die();
    await others.takeOver();
    expect({ adopted, swept }).toEqual({ adopted: [], swept: [] });
    expect((await readdir(recordsOf(1))).toSorted()).toEqual(['blocked.json', 'runs.json']);
    await rm(blocked);
    await others.takeOver();
    expect(adopted.map(({ key }) => key)).toEqual(['runs']);
    expect(swept).toEqual([1]);
  });

  it('opens no records while one of them can not be read, and removes none', async () => {
    const store = await openRecordStore(recordsOf(1));
    await store.put(record('runs'));
    const blocked = join(recordsOf(1), 'blocked.json');
    await symlink(blocked, blocked);
    await expect(openRecordStore(recordsOf(1))).rejects.toThrow(/record can’t be read: ELOOP.*blocked\.json/);
    expect((await readdir(recordsOf(1))).toSorted()).toEqual(['blocked.json', 'runs.json']);
  });

  it('takes over what a keeper left once it has ended, and once only', async () => {
    const { others, adopted, swept, die } = await beside([record('runs'), record('done', { state: 'ended' })]);
    await others.takeOver();
    expect(adopted).toEqual([]);
    die();
    expect(await others.find('runs')).toBeNull();
    expect(adopted.map(({ key, state }) => `${key} ${state}`).sort()).toEqual(['done ended', 'runs running']);
    expect(swept).toEqual([1]);
    expect(existsSync(recordsOf(1))).toBe(false);
    await Promise.all([others.takeOver(), others.running()]);
    expect(swept).toEqual([1]);
  });

  it('says of no session of an ended keeper that it runs, though its sandboxes resist', async () => {
    let broken = true;
    const sweep = async () => {
      if (broken) throw new Error('busy');
    };
    const { others, adopted, swept, die } = await beside([record('runs')], sweep);
    die();
    expect(await others.running()).toEqual([]);
    expect(await others.find('runs')).toBeNull();
    expect(adopted).toHaveLength(1);
    expect(existsSync(recordsOf(1))).toBe(true);
    broken = false;
    await others.takeOver();
    expect(swept).toEqual([1]);
    expect(existsSync(recordsOf(1))).toBe(false);
  });

  it('takes a session in a state of a later release for one that runs, and no other file for a session', async () => {
    const { others } = await beside([{ ...record('odd'), state: 'sleeping' as 'running' }]);
    await writeFile(join(recordsOf(1), 'broken.json'), '{');
    await writeFile(join(recordsOf(1), 'other.json'), '{"key": 1}');
    expect(await others.running()).toEqual([record('odd')]);
    expect((await others.find('odd'))?.record.state).toBe('running');
    expect(await others.find('broken')).toBeNull();
  });
});
