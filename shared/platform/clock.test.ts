import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';

describe('systemClock', () => {
  it('rejects a sleep with the reason of its signal', async () => {
    const stop = new AbortController();
    const slept = systemClock.sleep(60_000, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(slept).rejects.toThrow('stopped');
    await expect(systemClock.sleep(60_000, stop.signal)).rejects.toThrow('stopped');
  });

  it('does not fire a delay longer than 31 bits at once', async () => {
    let fired = false;
    const timer = systemClock.timer(2 ** 33, () => {
      fired = true;
    });
    await systemClock.sleep(20);
    timer.cancel();
    expect(fired).toBe(false);
  });

  it('does not run a cancelled timer', async () => {
    let fired = false;
    systemClock
      .timer(1, () => {
        fired = true;
      })
      .cancel();
    await systemClock.sleep(20);
    expect(fired).toBe(false);
  });

  it('never goes back', async () => {
    const before = systemClock.monotonic();
    await systemClock.sleep(1);
    expect(systemClock.monotonic()).toBeGreaterThan(before);
  });
});
