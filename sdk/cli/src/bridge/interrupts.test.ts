import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Interrupts, orAborted, type Stage } from './interrupts.ts';

/** Longer than the time in which a repeated signal counts as an echo. */
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

  it('go to the receiver first; the next one ends the work of this program', async () => {
    using interrupts = new Interrupts();
    const received: string[] = [];
    interrupts.passTo((signal) => received.push(signal));
    await send('SIGINT');
    expect([received, interrupts.signal.aborted]).toEqual([['INT'], false]);
    await send('SIGINT');
    expect(received).toEqual(['INT']);
    expect(interrupts.signal.reason).toMatchObject({ exit: 130 });
    expect(interrupts.hurried).toBe(true);
  });

  it('without a receiver end the work at once; the next one prints how far the end is', async () => {
    const said: Stage[] = [];
    using interrupts = new Interrupts((stage) => said.push(stage));
    await send('SIGTERM');
    expect(interrupts.signal.reason).toMatchObject({ exit: 143 });
    await send('SIGTERM');
    expect(said).toEqual(['ending']);
  });

  it('that tell this program to end do not wait for a receiver', async () => {
    using interrupts = new Interrupts();
    const received: string[] = [];
    interrupts.passTo((signal) => received.push(signal));
    await send('SIGTERM');
    expect(received).toEqual([]);
    expect(interrupts.signal.reason).toMatchObject({ exit: 143 });
    expect(interrupts.hurried).toBe(false);
  });

  it('that come twice at once are one', () => {
    using interrupts = new Interrupts();
    const received: string[] = [];
    interrupts.passTo((signal) => received.push(signal));
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGINT', 'SIGINT');
    expect([received, interrupts.signal.aborted]).toEqual([['INT'], false]);
  });

  it('end a wait', async () => {
    const ending = new AbortController();
    const waiting = orAborted(new Promise(() => {}), ending.signal);
    ending.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    await expect(orAborted(Promise.resolve(1), ending.signal)).rejects.toThrow('over');
  });
});
