import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ExecChannel, ExecStart, OutputEvent } from '#ports/exec.ts';

export interface HeldOutputTarget {
  channel(): ExecChannel;
  /** Another connection to the same session. */
  open(): Promise<ExecChannel>;
  exec(given: Partial<ExecStart>): ExecStart;
}

const MIB = 1024 * 1024;
const CUTS = 12;
/** Past its limit a log takes what was in the pipes, and what was read before the command was stopped. */
const OVER_BYTES = 2 * MIB;

/** Prints so many MiB that do not repeat, then their digest. */
const printed = (mib: number): string =>
  `head -c ${mib * MIB} /dev/urandom > /tmp/data; cat /tmp/data; sha256sum < /tmp/data | cut -c1-64`;

const until = async <T>(what: string, ask: () => Promise<T | null>): Promise<T> => {
  for (let tries = 0; tries < 1000; tries++) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(20);
  }
  throw new Error(`in vain: ${what}`);
};

/** Output that waits for its reader, and output that comes after the end: part of the exec contract. */
export const heldOutput = ({ channel, open, exec }: HeldOutputTarget): void => {
  const rests = (exec_id: string, at_least: number) =>
    until('the command waits', async () => {
      const before = (await channel().get(exec_id))?.next_offset ?? 0;
      if (before < at_least) return null;
      await sleep(200);
      const now = (await channel().get(exec_id))?.next_offset ?? 0;
      return now === before ? now : null;
    });

  it('holds a command until its reader was sent more, over connections that break', async () => {
    const size = 60;
    const { exec_id } = await channel().start(exec({ command: printed(size), log_limit_mb: 1, when_full: 'hold' }));
    const stopped = await rests(exec_id, MIB);
    expect(stopped).toBeLessThan(MIB + OVER_BYTES);
    const hash = createHash('sha256');
    let position = 0;
    let tail = Buffer.alloc(0);
    const cuts = Array.from({ length: CUTS }, (_, i) => Math.floor(((i + 0.5) / CUTS) * size * MIB));
    for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
      const one = await open();
      for await (const event of one.read(exec_id, position, { hold: 'reader' })) {
        if (event.type === 'gap') throw new Error(`a gap from ${event.from} to ${event.to}`);
        if (event.type !== 'chunk') break;
        expect(event.seq).toBe(position);
        position += event.data.byteLength;
        const rest = Math.max(0, position - size * MIB);
        hash.update(event.data.subarray(0, Math.max(0, event.data.byteLength - rest)));
        tail = Buffer.concat([tail, event.data]).subarray(-65);
        if (position >= cut) break;
      }
      one.close();
    }
    expect(position).toBe(size * MIB + 65);
    expect(tail.toString().trim()).toBe(hash.digest('hex'));
    expect(await channel().get(exec_id)).toMatchObject({ status: 'exited', missing_from: null });
  });

  it('holds for one reader; another one may meet a gap', async () => {
    const { exec_id } = await channel().start(exec({ command: printed(50), log_limit_mb: 1, when_full: 'hold' }));
    let taken = 0;
    for await (const event of channel().read(exec_id, 0, { hold: 'first' })) {
      if (event.type === 'chunk') taken += event.data.byteLength;
      else expect(event.type).toBe('exit');
    }
    expect(taken).toBe(50 * MIB + 65);
    const seen: OutputEvent['type'][] = [];
    for await (const { type } of channel().read(exec_id, 0, { hold: 'second' })) seen.push(type);
    expect(seen[0]).toBe('gap');
    expect(seen.at(-1)).toBe('exit');
  });

  it('keeps the last words of a command that waited for its reader', async () => {
    // It fills the log, which then waits, and ends with what fits into the pipe.
    const command = `head -c ${MIB} /dev/zero; sleep 0.3; printf last`;
    const { exec_id } = await channel().start(exec({ command, log_limit_mb: 1, when_full: 'hold' }));
    expect(await channel().wait(exec_id)).toMatchObject({ end_offset: MIB + 4 });
    const events: OutputEvent[] = [];
    for await (const event of channel().read(exec_id, 0, { hold: 'late' })) events.push(event);
    expect(text(events).slice(-4)).toBe('last');
  });

  it('says from where on output is missing that no reader has had', async () => {
    const { exec_id } = await channel().start(exec({ command: 'head -c 9000000 /dev/zero', log_limit_mb: 1 }));
    expect(await channel().wait(exec_id)).toMatchObject({ missing_from: 0, next_offset: 9_000_000 });
    const whole = await channel().start(exec({ command: 'echo all' }));
    expect(await channel().wait(whole.exec_id)).toMatchObject({ missing_from: null, end_offset: 4, next_offset: 4 });
  });

  it('waits for a filter that has yet to write what the command gave it', async () => {
    const { exec_id } = await channel().start(exec({ command: '{ sleep 0.3; echo filtered; } & echo first' }));
    const events: OutputEvent[] = [];
    for await (const event of channel().read(exec_id, 0)) events.push(event);
    expect(text(events)).toBe('first\nfiltered\n');
    expect(events.at(-1)).toMatchObject({ type: 'exit', exec: { end_offset: 15, next_offset: 15 } });
  });

  it('keeps what processes that were left behind write, behind the end of the command', async () => {
    const { exec_id } = await channel().start(exec({ command: 'setsid sh -c "sleep 2; echo later" & echo first' }));
    const events: OutputEvent[] = [];
    for await (const event of channel().read(exec_id, 0)) events.push(event);
    expect(text(events)).toBe('first\n');
    expect(events.at(-1)).toMatchObject({ type: 'exit', exec: { status: 'exited', end_offset: 6 } });
    await until('it writes', async () => ((await channel().get(exec_id))?.next_offset === 12 ? true : null));
    const again: OutputEvent[] = [];
    for await (const event of channel().read(exec_id, 0)) again.push(event);
    expect(text(again)).toBe('first\nlater\n');
    expect(again.at(-1)).toMatchObject({ type: 'exit', exec: { end_offset: 6, next_offset: 12 } });
  });

  it.each(['KILL', 'TERM'])(
    'ends what an ended command has left by %s, and by no signal for its group',
    async (name) => {
      const signal = (sent: string) => channel().signal(exec_id, sent);
      const { exec_id } = await channel().start(exec({ command: 'setsid sleep 1000 & echo left' }));
      expect(await channel().wait(exec_id)).toMatchObject({ status: 'exited', exit_code: 0, end_offset: 5 });
      await expect(signal('HUP')).rejects.toMatchObject({ code: 'ended' });
      expect(await signal(name)).toMatchObject({ status: 'exited', exit_code: 0, signal: null });
      await until('nothing is left', () =>
        signal(name).then(
          () => null,
          (error: { code: string }) => (error.code === 'ended' ? true : null),
        ),
      );
    },
  );
};

const text = (events: readonly OutputEvent[]): string =>
  Buffer.concat(events.flatMap((event) => (event.type === 'chunk' ? [event.data] : []))).toString();
