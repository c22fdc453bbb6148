import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.ts';

describe('EventQueue', () => {
  it('gives what came before it fails', async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    queue.fail(new Error('over'));
    queue.fail(new Error('again'));
    expect(await queue.next()).toBe(1);
    await expect(queue.next()).rejects.toThrow('over');
  });

  it('leaves nothing behind on a signal that outlives many waits', async () => {
    const { signal } = new AbortController();
    const queue = new EventQueue<number>();
    for (let item = 0; item < 20; item++) {
      const next = queue.next(signal);
      queue.push(item);
      expect(await next).toBe(item);
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends a wait with its signal, and waits again', async () => {
    const stop = new AbortController();
    const queue = new EventQueue<number>();
    const left = expect(queue.next(stop.signal)).rejects.toThrow('enough');
    stop.abort(new Error('enough'));
    await left;
    await expect(queue.next(stop.signal)).rejects.toThrow('enough');
    queue.push(1);
    expect(await queue.next()).toBe(1);
  });
});
