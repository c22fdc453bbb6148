import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueuedTask, RetryPolicy, TaskHandler, TaskQueue } from '#ports/queue.ts';
import { HANGS_SECONDS } from '../../acceptance/support/until.ts';

/**
 * The catalogue that a driver is opened with. A queue whose least times are longer multiplies these and lets its time
 * pass as much faster: the suite measures wall-clock time.
 */
export const CATALOGUE: Readonly<Record<string, RetryPolicy>> = {
  'test.run': { max_attempts: 3, min_backoff_ms: 40, max_backoff_ms: 60, max_doublings: 5, deadline_ms: 20_000 },
  'test.hang': { max_attempts: 3, min_backoff_ms: 10, max_backoff_ms: 20, max_doublings: 5, deadline_ms: 150 },
  'test.once': { max_attempts: 1, min_backoff_ms: 10, max_backoff_ms: 20, max_doublings: 5, deadline_ms: 20_000 },
};

export interface OpenedQueue {
  readonly queue: TaskQueue;
  /** From now on tasks are delivered to this handler. */
  start(handler: TaskHandler): Promise<void>;
  /** Deliveries that repeat one, with its attempt. The suite lets its handlers run again, and counts them once. */
  readonly repeats?: () => number;
  dispose(): Promise<void>;
}

type Delivery = Parameters<TaskHandler>[0] & { readonly at: number };

export const task = (name: string, more: Partial<QueuedTask> = {}): QueuedTask => ({
  name,
  task: 'test.run',
  payload: { id: name },
  ...more,
});

/** What every driver of the TaskQueue port keeps; `open` gives an empty queue that delivers nothing yet. */
export const queueConformance = (name: string, open: (catalogue: typeof CATALOGUE) => Promise<OpenedQueue>): void => {
  describe(`queue: ${name}`, () => {
    let opened: OpenedQueue;
    let deliveries: Delivery[] = [];
    let repeats = 0;
    beforeEach(async () => {
      deliveries = [];
      opened = await open(CATALOGUE);
    });
    afterEach(async () => {
      repeats += opened.repeats?.() ?? 0;
      await opened.dispose();
    });
    afterAll(() => {
      if (opened.repeats) expect(repeats).toBeGreaterThan(0);
    });

    const start = (handle: TaskHandler = async () => undefined) =>
      opened.start(async (delivery) => {
        const isRepeat = deliveries.some(({ name, attempt }) => name === delivery.name && attempt === delivery.attempt);
        if (!isRepeat || !opened.repeats) deliveries.push({ ...delivery, at: Date.now() });
        await handle(delivery);
      });
    const names = () => deliveries.map((delivery) => delivery.name);
    const until = (condition: () => boolean) =>
      expect.poll(condition, { timeout: HANGS_SECONDS * 1000, interval: 5 }).toBe(true);
    /** Delivered after everything before it that is due, as far as one can see from outside. */
    const quiet = async (mark: string) => {
      await opened.queue.enqueue(task(mark, { at: Date.now() + 300 }));
      await until(() => names().includes(mark));
    };

    it('delivers a task with its name, kind and payload, on the first attempt', async () => {
      await start();
      expect(await opened.queue.enqueue(task('a', { payload: { v: 1, session_id: 'ü"\\' } }))).toBe(true);
      await until(() => deliveries.length === 1);
      expect(deliveries[0]).toMatchObject({
        name: 'a',
        task: 'test.run',
        payload: { v: 1, session_id: 'ü"\\' },
        attempt: 1,
      });
    });

    it('delivers what was enqueued before it started', async () => {
      await Promise.all(['a', 'b', 'c'].map((name) => opened.queue.enqueue(task(name))));
      await start();
      await until(() => deliveries.length >= 3);
      expect(new Set(names())).toEqual(new Set(['a', 'b', 'c']));
    });

    it('uses a name once while it is pending', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => opened.queue.enqueue(task('a'))));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await opened.queue.enqueue(task('a', { payload: { id: 'b' }, at: Date.now() + 60_000 }))).toBe(false);
      await start();
      await until(() => deliveries.length >= 1);
      await quiet('mark');
      expect(names()).toEqual(['a', 'mark']);
    });

    it('uses a name once, also while it runs and after it ran', async () => {
      const inside: boolean[] = [];
      await start(async ({ name }) => {
        if (name === 'a') inside.push(await opened.queue.enqueue(task('a')));
      });
      await opened.queue.enqueue(task('a'));
      await until(() => inside.length >= 1);
      expect(new Set(inside)).toEqual(new Set([false]));
      await quiet('mark');
      expect(await opened.queue.enqueue(task('a'))).toBe(false);
      await quiet('mark2');
      expect(names()).toEqual(['a', 'mark', 'mark2']);
    });

    it('uses a name once, also after the task was given up', async () => {
      await start(async ({ name }) => {
        if (name === 'a') throw new Error('no');
      });
      await opened.queue.enqueue(task('a', { task: 'test.once' }));
      await until(() => deliveries.length === 1);
      await quiet('mark');
      expect(await opened.queue.enqueue(task('a', { task: 'test.once' }))).toBe(false);
      await quiet('mark2');
      expect(names()).toEqual(['a', 'mark', 'mark2']);
    });

    it('delivers no task before its time, and a sooner one in the meantime', async () => {
      await start();
      const at = Date.now() + 1500;
      await opened.queue.enqueue(task('later', { at }));
      await opened.queue.enqueue(task('past', { at: Date.now() - 60_000 }));
      await opened.queue.enqueue(task('sooner', { at: Date.now() + 50 }));
      await until(() => deliveries.length === 3);
      expect(names()).toEqual(['past', 'sooner', 'later']);
      expect(deliveries[2]?.at).toBeGreaterThanOrEqual(at);
    });

    it('delivers a failed task again, not before its pause, up to its last attempt', async () => {
      await start(async ({ name }) => {
        if (name === 'a') throw new Error('no');
      });
      await opened.queue.enqueue(task('a'));
      await until(() => deliveries.length === 3);
      await quiet('mark');
      expect(deliveries.map(({ name, attempt }) => [name, attempt])).toEqual([
        ['a', 1],
        ['a', 2],
        ['a', 3],
        ['mark', 1],
      ]);
      const gaps = [1, 2].map((n) => (deliveries[n]?.at ?? 0) - (deliveries[n - 1]?.at ?? 0));
      // Milliseconds are cut off at both ends.
      for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(38);
    });

    it('delivers no further once a later attempt is content', async () => {
      await start(async ({ attempt }) => {
        if (attempt === 1) throw new Error('not yet');
      });
      await opened.queue.enqueue(task('a'));
      await until(() => deliveries.length === 2);
      await quiet('mark');
      expect(names().slice(0, 2)).toEqual(['a', 'a']);
      expect(names().filter((name) => name === 'a')).toHaveLength(2);
    });

    it('presumes a handler dead that does not answer in time', async () => {
      await start(({ name, attempt }) =>
        name === 'a' && attempt < 3 ? new Promise(() => undefined) : Promise.resolve(),
      );
      await opened.queue.enqueue(task('a', { task: 'test.hang' }));
      await until(() => deliveries.length === 3);
      expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    });

    it('goes on with the others while one fails', async () => {
      await start(async ({ name }) => {
        if (name === 'bad') throw new Error('no');
      });
      await Promise.all(['bad', 'a', 'b', 'c'].map((name) => opened.queue.enqueue(task(name))));
      await until(() => ['a', 'b', 'c'].every((name) => names().includes(name)));
    });

    it('takes a task from within a handler', async () => {
      await start(async ({ name }) => {
        if (name.length < 5) await opened.queue.enqueue(task(`${name}x`));
      });
      await opened.queue.enqueue(task('a'));
      await until(() => names().includes('axxxx'));
    });

    it('delivers a thousand, each at least once', async () => {
      await start(() => new Promise((resolve) => setTimeout(resolve, Math.random() * 3)));
      const wanted = Array.from({ length: 1000 }, (_, n) => `t${n}`);
      const answers = await Promise.all(wanted.map((each) => opened.queue.enqueue(task(each))));
      expect(answers.every(Boolean)).toBe(true);
      await until(() => new Set(names()).size === 1000);
    });

    it('takes a task for any time: one of more than 30 days ahead comes early, not now', async () => {
      await start();
      expect(await opened.queue.enqueue(task('far', { at: Date.now() + 400 * 24 * 3_600_000 }))).toBe(true);
      await quiet('mark');
      expect(names()).toEqual(['mark']);
    });

    it('refuses a task outside the catalogue, a bad name, and a time that is none', async () => {
      const wrong = [
        task('a', { task: 'test.unknown' }),
        task('a', { task: 'toString' }),
        task('a b'),
        task(''),
        task('x'.repeat(501)),
        task('a', { at: Number.NaN }),
      ];
      for (const each of wrong) await expect(opened.queue.enqueue(each)).rejects.toBeInstanceOf(TypeError);
      expect(await opened.queue.enqueue(task('a'))).toBe(true);
    });
  });
};
