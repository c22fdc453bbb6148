import { describe, expect, it } from 'vitest';
import { backoff, retry } from './retry.ts';

const harness = () => {
  const slept: number[] = [];
  return {
    slept,
    clock: {
      sleep: async (ms: number, signal?: AbortSignal) => {
        signal?.throwIfAborted();
        slept.push(ms);
      },
    },
    ids: { fraction: () => 1 },
    min_ms: 10,
    max_ms: 50,
  };
};

describe('retry', () => {
  it('doubles the pause up to the limit', async () => {
    const options = harness();
    const result = await retry(async (attempt) => {
      if (attempt < 6) throw new Error('not yet');
      return attempt;
    }, options);
    expect(result).toBe(6);
    expect(options.slept).toEqual([10, 20, 40, 50, 50]);
  });

  it('throws the last error when the attempts are used up', async () => {
    const failed = retry(
      async (attempt) => {
        throw new Error(`call ${attempt}`);
      },
      { ...harness(), attempts: 3 },
    );
    await expect(failed).rejects.toThrow('call 3');
  });

  it('does not repeat what another call can not cure', async () => {
    let calls = 0;
    const failed = retry(
      async () => {
        calls++;
        throw new TypeError('bad');
      },
      { ...harness(), retryable: (error) => !(error instanceof TypeError) },
    );
    await expect(failed).rejects.toThrow('bad');
    expect(calls).toBe(1);
  });

  it('stops with the reason of its signal', async () => {
    const stop = new AbortController();
    const failed = retry(
      async () => {
        stop.abort(new Error('stopped'));
        throw new Error('not yet');
      },
      { ...harness(), signal: stop.signal },
    );
    await expect(failed).rejects.toThrow('stopped');
  });

  it('keeps at least half of the pause', () => {
    expect(backoff(3, 10, 1000, 0)).toBe(20);
    expect(backoff(3, 10, 1000, 1)).toBe(40);
    // Ten, twenty, forty; then by forty.
    expect([1, 2, 3, 4, 5, 6].map((attempt) => backoff(attempt, 10, 150, 1, 2))).toEqual([10, 20, 40, 80, 120, 150]);
  });
});
