import { beforeEach, describe, expect, it } from 'vitest';
import { type Ideal, openIdeal } from '../../../test/simulation/world/ideal.ts';
import { iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import { intents } from '../model/collections.ts';
import type { IntentDoc } from '../model/docs.ts';
import { intentFigures } from '../sweeps/intent-figures.ts';
import { sweepIntents } from '../sweeps/intents.ts';
import { listIntents } from './list.ts';
import { raiseIntent } from './raise.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const MINUTE_MS = 60_000;

let ideal: Ideal;
let deps: Deps;
let heard: string[];
beforeEach(() => {
  heard = [];
  ideal = openIdeal(START, {}, heard);
  deps = ideal.deps;
});

const open = async (number: number, fields: Partial<IntentDoc> = {}): Promise<string> => {
  const session_id = `ses-${String(number).padStart(3, '0')}`;
  const intent: IntentDoc = {
    ...{ id: `${session_id}:1`, kind: 'provision', session_id, generation: 1, attempt: 1, last_error: 'no room' },
    ...{ created_at: iso(START + number * 1_000), next_at: iso(START + number * 1_000), ...fields },
  };
  await deps.store.put(intents, intent.id, intent);
  return intent.id;
};
const stored = async (id: string) => (await deps.store.get(intents, id))?.data;

describe('a list of open intents', () => {
  it('has the oldest first, in pages, each once', async () => {
    for (const number of [4, 0, 3, 1, 2]) await open(number);
    const ids: string[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 4; pages++) {
      const page = await listIntents(deps, { limit: 2, cursor });
      ids.push(...page.items.map(({ id }) => id));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(ids).toEqual([0, 1, 2, 3, 4].map((number) => `ses-00${number}:1`));
    await expect(listIntents(deps, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('an attempt that is raised', () => {
  it('is the next one, due now, under a new name of the queue', async () => {
    const id = await open(1, { attempt: 30, next_at: iso(START + 60 * MINUTE_MS) });
    expect(await raiseIntent(deps, id)).toMatchObject({ id, attempt: 30 });
    expect(await stored(id)).toMatchObject({ attempt: 31, next_at: iso(START + MINUTE_MS), last_error: 'no room' });
    // Its session is on no record, so the task finds nothing to do and forgets it.
    await ideal.work();
    expect(await stored(id)).toBeUndefined();
    expect(await raiseIntent(deps, id)).toBeNull();
  });
});

describe('an intent that has been tried often', () => {
  const sweepAt = async (minutes: number): Promise<void> => {
    ideal.pass(START + minutes * MINUTE_MS - ideal.now());
    await sweepIntents(deps);
  };

  it('is told of once an hour, however often it is tried, and is tried on', async () => {
    const id = await open(1, { attempt: 18 });
    for (const minutes of [2, 4]) await sweepAt(minutes);
    expect(heard).toEqual([]);
    for (let minutes = 6; minutes < 6 + 60; minutes += 2) await sweepAt(minutes);
    expect(heard).toEqual(['an intent has been tried more than 20 times and is not done; it is tried on']);
    await sweepAt(66);
    expect(heard.length).toBe(2);
    expect((await stored(id))?.attempt).toBe(18 + 2 + 31);
  });

  it('is in the figures, and so is the age of the oldest, for so many reads', async () => {
    expect(await intentFigures(deps)).toEqual({ often: 0, oldest_ms: 0 });
    for (let number = 0; number < 50; number++) await open(number, { attempt: number < 47 ? 20 : 21 });
    ideal.pass(MINUTE_MS);
    ideal.reads.taken();
    expect(await intentFigures(deps)).toEqual({ often: 3, oldest_ms: MINUTE_MS });
    expect(ideal.reads.taken()).toBe(1 + 3);
    for (let number = 50; number < 200; number++) await open(number, { attempt: 21 });
    expect((await intentFigures(deps)).often).toBe(100);
  });
});
