import { describe, expect, it } from 'vitest';
import { StorageUnavailable } from '#ports/storages.ts';
import { ChangeLane } from './change-lane.ts';

class Throttled extends StorageUnavailable {}

const opened = (patience_ms = 30_000) => {
  let now = 1_000;
  const starts: number[] = [];
  const lane = new ChangeLane({
    clock: {
      monotonic: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
    ids: { fraction: () => 1 },
    every_ms: 2_000,
    patience_ms,
    isThrottled: (error) => error instanceof Throttled,
  });
  /** A change that takes so long, and meets the project's limit so often. */
  const change = (takes = 0, refusals = 0): Promise<number> => {
    let left = refusals;
    return lane.run(async () => {
      starts.push(now);
      now += takes;
      await Promise.resolve();
      if (left-- > 0) throw new Throttled('429');
      return now;
    });
  };
  const gaps = () => starts.slice(1).map((at, n) => at - (starts[n] ?? 0));
  return { lane, change, starts, gaps };
};

describe('the lane of changes', () => {
  it('begins one every two seconds, the first at once, and never two at a time', async () => {
    const { change, starts, gaps } = opened();
    await Promise.all([change(), change(), change(5_000), change()]);
    expect(starts[0]).toBe(1_000);
    expect(gaps()).toEqual([2_000, 2_000, 5_000]);
  });

  it('pauses longer each time that the limit is met, and as before once a change is made', async () => {
    const { change, gaps } = opened();
    await Promise.all([change(0, 2), change(), change()]);
    expect(gaps()).toEqual([4_000, 8_000, 2_000, 2_000]);
  });

  it('gives a change up after three tries: its caller comes again', async () => {
    const { change, starts } = opened();
    await expect(change(0, 9)).rejects.toBeInstanceOf(Throttled);
    expect(starts).toHaveLength(3);
    await change();
  });

  it('goes on behind a change that fails', async () => {
    const { lane, change } = opened();
    const failed = lane.run(async () => Promise.reject(new Error('refused')));
    const next = change();
    await expect(failed).rejects.toThrow('refused');
    await next;
  });

  it('refuses at once what would wait too long', async () => {
    const { change, starts } = opened(10_000);
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => change()));
    const refused = all.filter((one) => one.status === 'rejected');
    expect(starts).toHaveLength(6);
    expect(refused).toHaveLength(4);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(StorageUnavailable);
    await change();
  });
});
