import { describe, expect, it } from 'vitest';
import { Conflict, ConnectionFailed, RateLimited, Unavailable } from '../errors.ts';
import { backoffMs, pause, retryDelayMs } from './backoff.ts';

describe('backoffMs', () => {
  it('draws from a span that doubles from 0.1 s to 5 s', () => {
    const most = Array.from({ length: 8 }, (_, attempt) => backoffMs(attempt, () => 1));
    expect(most).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(backoffMs(3, () => 0)).toBe(0);
    expect(backoffMs(3, () => 0.5)).toBe(400);
  });
});

describe('retryDelayMs', () => {
  const limited = (retry_after: number | null) =>
    new RateLimited({ code: 'rate_limited', message: '', retryable: true, retry_after });

  it('waits at least as long as the server says', () => {
    expect(retryDelayMs(limited(7), 0)).toBe(7000);
    expect(retryDelayMs(new Unavailable({ code: 'unavailable', message: '', retryable: true }), 0)).toBeLessThanOrEqual(
      100,
    );
  });

  it('gives up where the server asks for more than a minute', () => {
    expect(retryDelayMs(limited(61), 0)).toBeNull();
  });

  it('tries again what never arrived, and nothing that was refused for good or is no error of a call', () => {
    expect(retryDelayMs(new ConnectionFailed('http://x', null), 0)).not.toBeNull();
    expect(retryDelayMs(new Conflict({ code: 'conflict', message: '' }), 0)).toBeNull();
    expect(retryDelayMs(new TypeError('a defect'), 0)).toBeNull();
  });
});

describe('pause', () => {
  it('ends early with the signal’s reason', async () => {
    const stop = new AbortController();
    const paused = pause(3_600_000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(paused).rejects.toThrow('enough');
    await expect(pause(3_600_000, stop.signal)).rejects.toThrow('enough');
  });
});
