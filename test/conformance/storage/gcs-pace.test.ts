import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import type { Clock } from '#ports/clock.ts';
import { StorageUnavailable } from '#ports/storages.ts';
import type { FakeGcs } from '../../support/fake-gcs.ts';
import type { Asked } from '../../support/fake-gcs/asked.ts';
import { isCreate, isDrop, nextDeployment, opened, startedGcs } from './gcs-fixture.ts';
import { at } from './suite.ts';

const { gcs: found, missing } = await startedGcs();
afterAll(() => found?.stop());
/** Not called where the tests are skipped. */
const gcs = found as FakeGcs;

/** How much faster time goes where Google's limit of a change in two seconds is met. */
const FASTER = 100;

/** Time that goes faster, so that seconds pass in milliseconds. */
const fasterClock = (factor: number): Clock => ({
  now: systemClock.now,
  monotonic: () => systemClock.monotonic() * factor,
  sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  // Of calls: what they are answered by does not go faster.
  timer: systemClock.timer,
});

describe.skipIf(found === null)(`the pace of changes of buckets, on fake-gcs-server${missing}`, () => {
  it('begins one change in two seconds, whether it makes or deletes', async () => {
    let now = 0;
    const sleep = async (ms: number): Promise<void> => {
      now += ms;
    };
    const clock: Clock = { now: systemClock.now, monotonic: () => now, sleep, timer: systemClock.timer };
    const { driver } = opened(gcs, { clock, change_every_ms: 2_000 });
    const starts: number[] = [];
    const noting = (one: Asked): boolean => {
      if (isCreate(one) || isDrop(one)) starts.push(now);
      return false;
    };
    const end = gcs.relay.fault(noting, { kind: 'cut' });
    const keys = ['a', 'b', 'c'];
    await Promise.all(keys.map((key) => driver.ensure(at(key), 1)));
    await Promise.all(keys.map((key) => driver.remove(at(key))));
    end();
    expect(starts).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000]);
  });

  it('makes and deletes buckets as often as Google allows it, also where another process does so too', async () => {
    const clock = fasterClock(FASTER);
    const more = { clock, deployment: nextDeployment(), change_every_ms: 2_000 };
    const processes = [opened(gcs, more), opened(gcs, more)];
    // One change in two seconds, for the whole project.
    let allowed = 0;
    const tooFast = (one: Asked): boolean => {
      if (!isCreate(one) && !isDrop(one)) return false;
      if (clock.monotonic() < allowed) return true;
      allowed = clock.monotonic() + 2_000;
      return false;
    };
    let refusals = 0;
    const counting = (one: Asked): boolean => tooFast(one) && ++refusals > 0;
    const refused = { kind: 'refuse', status: 429, reason: 'rateLimitExceeded' } as const;
    const end = gcs.relay.fault(counting, refused);
    const keys = Array.from({ length: 6 }, (_, n) => `bucket-${n}`);
    // As an intent or a task is tried again.
    const untilDone = async (work: () => Promise<unknown>): Promise<void> => {
      for (;;) {
        const error = await work().then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error === null) return;
        expect(error).toBeInstanceOf(StorageUnavailable);
        await clock.sleep(5_000);
      }
    };
    const [one, two] = processes;
    await Promise.all(
      keys.flatMap((key) => [one, two].map((own) => untilDone(async () => own?.driver.ensure(at(key), 1)))),
    );
    expect(await one?.driver.list()).toHaveLength(6);
    await Promise.all(keys.map((key, n) => untilDone(async () => processes[n % 2]?.driver.remove(at(key)))));
    end();
    expect(await two?.driver.list()).toEqual([]);
    expect(refusals).toBeGreaterThan(0);
  });
});
