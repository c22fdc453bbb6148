import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { createLogger } from './logger.ts';
import { createShutdown } from './shutdown.ts';

const log = createLogger({ level: 'silent' });

describe('shutdown', () => {
  it('runs the phases in order, once, though one fails and one hangs', async () => {
    const shutdown = createShutdown({ log, clock: systemClock });
    const ran: string[] = [];
    shutdown.phase('stop accepting', 1000, () => void ran.push('accept'));
    shutdown.phase('broken', 1000, () => {
      ran.push('broken');
      throw new Error('broken');
    });
    shutdown.phase('hangs', 5, () => {
      ran.push('hangs');
      return new Promise(() => {});
    });
    shutdown.phase('close the store', 1000, async () => void ran.push('store'));
    await Promise.all([shutdown.run('test'), shutdown.run('again')]);
    expect(ran).toEqual(['accept', 'broken', 'hangs', 'store']);
  });

  it('ends the process with 0 after a clean end, and at once by a second signal', async () => {
    const exits: number[] = [];
    const release = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const shutdown = createShutdown({
      log,
      clock: systemClock,
      exit: (code) => {
        exits.push(code);
        if (exits.length === 2) ended.resolve();
      },
    });
    shutdown.phase('waits', 60_000, () => release.promise);
    const stop = shutdown.listen(['SIGUSR2']);
    process.emit('SIGUSR2', 'SIGUSR2');
    process.emit('SIGUSR2', 'SIGUSR2');
    expect(exits).toEqual([1]);
    release.resolve();
    await ended.promise;
    stop();
    expect(exits).toEqual([1, 0]);
  });

  it('gives the second signal its own work', async () => {
    const ended = Promise.withResolvers<number>();
    let second = false;
    const shutdown = createShutdown({
      log,
      clock: systemClock,
      exit: ended.resolve,
      second: async () => {
        second = true;
      },
    });
    shutdown.phase('hangs', 60_000, () => new Promise(() => {}));
    const stop = shutdown.listen(['SIGUSR2']);
    process.emit('SIGUSR2', 'SIGUSR2');
    process.emit('SIGUSR2', 'SIGUSR2');
    expect(await ended.promise).toBe(1);
    stop();
    expect(second).toBe(true);
  });
});
