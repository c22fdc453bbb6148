import { afterEach, expect, it } from 'vitest';
import { createBackground } from '#platform/background.ts';
import { systemClock } from '#platform/clock.ts';
import { keptLog } from '../../test/api/support/function-server.ts';
import { manualClock } from '../../test/api/support/manual-clock.ts';
import { stopOnSignals } from './stop.ts';

const NEVER = new Promise<void>(() => {});

let forget = (): void => {};
afterEach(() => forget());

const opened = (does: {
  readonly serving?: Promise<void>;
  readonly work?: Promise<void>;
  readonly close?: Promise<void>;
}) => {
  const clock = manualClock();
  const { log, lines } = keptLog();
  const background = createBackground({ clock, log });
  background.run('work', () => does.work ?? Promise.resolve());
  const ended = Promise.withResolvers<number>();
  const order: string[] = [];
  const stopping = new AbortController();
  stopping.signal.addEventListener('abort', () => order.push('streams'));
  const serving = async (): Promise<void> => {
    order.push('serving');
    await does.serving;
  };
  const signal = stopOnSignals({
    ...{ log, clock, background, stopping },
    serving: { port: 1, url: 'http://127.0.0.1:1', close: serving },
    close: async () => {
      order.push('drivers');
      await does.close;
    },
    exit: ended.resolve,
  });
  forget = () => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.off(name, signal);
  };
  return { clock, lines, order, signal, ended: ended.promise };
};

it('ends streams, answers and drivers in order, once however many signals there are', async () => {
  const { order, signal, ended } = opened({});
  for (const name of ['SIGTERM', 'SIGTERM', 'SIGINT'] as const) signal(name);
  expect(await ended).toBe(0);
  expect(order).toEqual(['streams', 'serving', 'drivers']);
});

it('is over after 8 s whatever hangs', async () => {
  const { clock, lines, order, signal, ended } = opened({ serving: NEVER, work: NEVER, close: NEVER });
  signal('SIGTERM');
  let code: number | null = null;
  void ended.then((given) => {
    code = given;
  });
  for (let passed = 0; passed < 8_000; passed += 50) {
    clock.advance(50);
    // Lets the code behind a timer run before the next timer is due.
    await systemClock.sleep(0);
  }
  expect(code).toBe(1);
  expect(order).toEqual(['streams', 'serving', 'drivers']);
  expect(lines.map(({ message }) => message)).toContain('background work did not end in time and is abandoned');
});
