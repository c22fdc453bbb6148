import fc from 'fast-check';
import { expect, it } from 'vitest';
import { steadyClock } from './steady.ts';

const handClock = () => {
  let elapsed = 0;
  let wall = 1_000_000;
  return {
    clock: { now: () => wall, monotonic: () => elapsed },
    pass: (ms: number) => {
      elapsed += ms;
      wall += ms;
    },
    step: (ms: number) => {
      wall += ms;
    },
  };
};

it('is due after its time has passed, wherever the wall clock is set to', () => {
  const moves = fc.array(fc.record({ pass: fc.nat(60_000), step: fc.integer({ min: -200_000, max: 200_000 }) }));
  const property = fc.property(fc.nat(100_000), moves, (delay, all) => {
    const { clock, pass, step } = handClock();
    const steady = steadyClock(clock);
    const instant = clock.now() + delay;
    const due = steady.dueAt(instant);
    let before = steady.now();
    let passed = 0;
    let reached = false;
    for (const move of all) {
      pass(move.pass);
      step(move.step);
      passed += move.pass;
      reached ||= clock.now() >= instant;
      const now = steady.now();
      // Never back, never behind the wall clock, never later than by its delay, and not sooner than either clock says.
      expect(now).toBeGreaterThanOrEqual(before + move.pass);
      expect(now).toBeGreaterThanOrEqual(clock.now());
      if (passed >= delay) expect(now).toBeGreaterThanOrEqual(due);
      if (now >= due) expect(passed >= delay || reached || all.some((each) => each.step > 0)).toBe(true);
      before = now;
    }
  });
  fc.assert(property, { numRuns: 500 });
});

it('counts an instant from the wall clock as it is when the instant arrives', () => {
  const { clock, pass, step } = handClock();
  const steady = steadyClock(clock);
  step(-150_000);
  const due = steady.dueAt(clock.now() + 1_000);
  pass(999);
  expect(steady.now()).toBeLessThan(due);
  pass(1);
  expect(steady.now()).toBe(due);
});
