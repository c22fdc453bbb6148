import { expect, it } from 'vitest';
import { manualClock } from '../../test/api/support/manual-clock.ts';
import { createBackground } from './background.ts';
import { createLogger } from './logger.ts';

const opened = () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    level: 'debug',
    destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const clock = manualClock();
  return { lines, clock, background: createBackground({ clock, log }) };
};

it('starts work at once, and drains when all of it has ended', async () => {
  const { background, lines } = opened();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const started: string[] = [];
  background.run('first', () => {
    started.push('first');
    return first.promise;
  });
  background.run('second', () => {
    started.push('second');
    return second.promise;
  });
  expect(started).toEqual(['first', 'second']);
  let drained: readonly string[] | null = null;
  const draining = background.drain(1_000).then((left) => {
    drained = left;
  });
  first.resolve();
  await first.promise;
  expect(drained).toBeNull();
  second.resolve();
  await draining;
  expect(drained).toEqual([]);
  expect(lines).toEqual([]);
});

it('drains what is started while it drains', async () => {
  const { background } = opened();
  const [outer, inner] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ended: string[] = [];
  background.run('outer', async () => {
    await outer.promise;
    background.run('inner', async () => {
      await inner.promise;
      ended.push('inner');
    });
    ended.push('outer');
  });
  const draining = background.drain(1_000).then((left) => [...ended, ...left]);
  outer.resolve();
  await outer.promise;
  inner.resolve();
  expect(await draining).toEqual(['outer', 'inner']);
});

it('says what is left when its time is over, one label for each', async () => {
  const { background, clock } = opened();
  for (let i = 0; i < 2; i++) background.run('hangs', () => new Promise(() => undefined));
  background.run('ends', async () => undefined);
  const draining = background.drain(5_000);
  clock.advance(5_000);
  expect(await draining).toEqual(['hangs', 'hangs']);
  expect(await background.drain(0)).toEqual(['hangs', 'hangs']);
});

it('logs an error with the label and what it was about, also one thrown before the first await', async () => {
  const { background, lines } = opened();
  background.run('note a key’s use', () => Promise.reject(new Error('the store is busy')), { key_id: 'key-1' });
  background.run('sync', () => {
    throw new Error('at once');
  });
  expect(await background.drain(1_000)).toEqual([]);
  expect(lines).toMatchObject([
    { severity: 'WARNING', work: 'sync', err: { message: 'at once' } },
    { severity: 'WARNING', work: 'note a key’s use', key_id: 'key-1', err: { message: 'the store is busy' } },
  ]);
});
