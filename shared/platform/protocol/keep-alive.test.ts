import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PING_INTERVAL_MS, SILENT_INTERVALS } from './bounds.ts';
import { keepAlive } from './keep-alive.ts';

describe('keepAlive', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const watched = (interval_ms: number) => {
    const seen: string[] = [];
    const alive = keepAlive(interval_ms, { ping: () => seen.push('ping'), dead: () => seen.push('dead') });
    return { alive, seen };
  };

  it('pings a silent peer in each interval, and reports it dead after some', () => {
    const { seen, alive } = watched(PING_INTERVAL_MS);
    vi.advanceTimersByTime(PING_INTERVAL_MS * SILENT_INTERVALS - 1);
    expect(seen).toEqual(['ping', 'ping']);
    vi.advanceTimersByTime(1);
    expect(seen).toEqual(['ping', 'ping', 'dead']);
    alive.stop();
  });

  it('starts counting again after each frame', () => {
    const { seen, alive } = watched(PING_INTERVAL_MS);
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(PING_INTERVAL_MS * (SILENT_INTERVALS - 1));
      alive.heard();
    }
    expect(seen).not.toContain('dead');
    alive.stop();
    vi.advanceTimersByTime(PING_INTERVAL_MS * 10);
    expect(seen).toHaveLength(20 * (SILENT_INTERVALS - 1));
  });

  it('does nothing if the interval is 0', () => {
    const { seen } = watched(0);
    vi.advanceTimersByTime(PING_INTERVAL_MS * 10);
    expect(seen).toEqual([]);
  });
});
