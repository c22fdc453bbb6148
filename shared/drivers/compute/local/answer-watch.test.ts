import { describe, expect, it } from 'vitest';
import type { Clock } from '#ports/clock.ts';
import { AnswerWatch } from './answer-watch.ts';

/** Timers that the test fires. */
const handClock = () => {
  const timers = new Set<{ readonly ms: number; readonly run: () => void }>();
  const clock: Pick<Clock, 'timer'> = {
    timer: (ms, run) => {
      const timer = { ms, run };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
  };
  const fire = async (): Promise<void> => {
    for (const timer of [...timers]) {
      timers.delete(timer);
      timer.run();
    }
    await settled();
  };
  return { clock, fire, pending: () => [...timers].map(({ ms }) => ms) };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

const watched = () => {
  const { clock, fire, pending } = handClock();
  const pings: PromiseWithResolvers<void>[] = [];
  const ping = () => {
    const asked = Promise.withResolvers<void>();
    pings.push(asked);
    return asked.promise;
  };
  const watch = new AnswerWatch({ clock, ping, hangs: async () => new Error('it hangs') });
  return { watch, fire, pending, pings };
};
const never = () => new Promise<never>(() => {});

describe('AnswerWatch', () => {
  it('asks nothing of a keeper for which nobody waits', async () => {
    const { watch, fire, pending, pings } = watched();
    expect(await watch.within(async () => 1)).toBe(1);
    await expect(watch.within(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(pending()).toEqual([]);
    await fire();
    expect(pings).toHaveLength(0);
  });

  it('lets a call take any time while pings are answered, one at a time', async () => {
    const { watch, fire, pings } = watched();
    const call = Promise.withResolvers<string>();
    const results = [watch.within(() => call.promise), watch.within(() => call.promise)];
    for (let round = 1; round <= 5; round++) {
      await fire();
      expect(pings).toHaveLength(round);
      pings[round - 1]?.resolve();
      await settled();
    }
    call.resolve('done');
    expect(await Promise.all(results)).toEqual(['done', 'done']);
  });

  it('tells all who wait when a ping is not answered, and begins nothing until it is', async () => {
    const { watch, fire, pings } = watched();
    const results = Promise.allSettled([watch.within(never), watch.within(never)]);
    await fire();
    await fire();
    expect(await results).toEqual(Array(2).fill({ status: 'rejected', reason: new Error('it hangs') }));
    let begun = 0;
    const call = async () => {
      begun++;
    };
    await expect(watch.within(call)).rejects.toThrow('it hangs');
    expect({ begun, hung: watch.hung, pings: pings.length }).toEqual({ begun: 0, hung: true, pings: 1 });
    pings[0]?.resolve();
    await settled();
    await watch.within(call);
    expect({ begun, hung: watch.hung }).toEqual({ begun: 1, hung: false });
  });

  it('takes a connection that broke for no answer to its question', async () => {
    const { watch, fire, pings } = watched();
    const result = watch.within(never);
    result.catch(() => {});
    await fire();
    await fire();
    pings[0]?.reject(new Error('the connection broke'));
    await settled();
    expect(watch.hung).toBe(false);
  });
});
