import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Interrupts, orAborted, type Stage } from './interrupts.ts';

/** Longer than what counts as an echo of the same signal. */
const APART_MS = 150;
const send = async (signal: NodeJS.Signals): Promise<void> => {
  process.emit(signal, signal);
  await pause(APART_MS);
};

describe('signals', () => {
  const kept = process.listeners('SIGINT').length;
  afterEach(() => {
    expect(process.listeners('SIGINT')).toHaveLength(kept);
  });

  it('go to who receives them first, and end what we do the next time', async () => {
    using interrupts = new Interrupts();
    const received: string[] = [];
    interrupts.passTo((signal) => received.push(signal));
    await send('SIGINT');
    expect([received, interrupts.signal.aborted]).toEqual([['INT'], false]);
    await send('SIGINT');
    expect(received).toEqual(['INT']);
    expect(interrupts.signal.reason).toMatchObject({ exit: 130 });
  });

  it('end what we do at once where nobody receives them, and then are answered', async () => {
    const said: Stage[] = [];
    using interrupts = new Interrupts((stage) => said.push(stage));
    await send('SIGTERM');
    expect(interrupts.signal.reason).toMatchObject({ exit: 143 });
    await send('SIGTERM');
    expect(said).toEqual(['ending']);
  });

  it('that come twice at once are one', () => {
    using interrupts = new Interrupts();
    const received: string[] = [];
    interrupts.passTo((signal) => received.push(signal));
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGINT', 'SIGINT');
    expect([received, interrupts.signal.aborted]).toEqual([['INT'], false]);
  });

  it('let nobody wait any longer', async () => {
    const ending = new AbortController();
    const waiting = orAborted(new Promise(() => {}), ending.signal);
    ending.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    await expect(orAborted(Promise.resolve(1), ending.signal)).rejects.toThrow('over');
  });
});
