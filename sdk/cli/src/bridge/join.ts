import type { Exec, OnMemOSClient, Process, SignalName } from 'onmemos';
import { note } from '../ui/output.ts';
import { type Interrupts, orAborted } from './interrupts.ts';
import { sayGone } from './gone.ts';
import { copyInput, copyOutput, type OutputSinks, STANDARD } from './pipes.ts';
import { onReaderGone } from './reader-gone.ts';
import { asLostConnection } from './lost-connection.ts';
import { onResize, rawMode, terminalSize } from './terminal.ts';

/** Ctrl-], as in telnet: few programs in a terminal use this key. */
const DETACH_KEY = 0x1d;

/** A command that has ended. `dropped`: the server dropped some of its output before we could read it. */
export interface Ended extends Exec {
  readonly dropped: boolean;
}

/** The person has disconnected from a command that keeps running. */
export const DETACHED = Symbol('detached');

export interface JoinOptions {
  readonly interrupts: Interrupts;
  readonly client: OnMemOSClient;
  /** Whether the command ends with this program, unless the person disconnects. */
  readonly endsWithUs: boolean;
  /** Where the output goes; by default to our own. */
  readonly sinks?: OutputSinks;
  /** What a second Ctrl-C does, as the end of a sentence: "leaves it running". */
  readonly second: string;
  /** Whether Ctrl-] leaves the command. */
  readonly detachable?: boolean;
  /** It is only watched: signals are not passed to it. */
  readonly watches?: boolean;
  /** Whether our stdin becomes the command's. */
  readonly input: boolean;
}

/**
 * Connects our terminal or pipes, and our signals, to the command until it ends.
 * @throws Interrupted when a signal, or the reader of our output, ends the connection. Then the command is told that we
 * are gone, if it is to end with us.
 */
export const join = async (command: Process, options: JoinOptions): Promise<Ended | typeof DETACHED> => {
  const { interrupts, second, detachable = false, watches = false, input, sinks = STANDARD } = options;
  const { tty } = command.exec;
  let current = command;
  let dropped = false;
  const over = new AbortController();
  const signal = AbortSignal.any([interrupts.signal, over.signal]);
  const detached = Promise.withResolvers<typeof DETACHED>();
  const take = (bytes: Uint8Array): Uint8Array | null => {
    if (!detachable || !tty || !process.stdin.isTTY || !bytes.includes(DETACH_KEY)) return bytes;
    detached.resolve(DETACHED);
    return null;
  };

  const pass = (name: string): void => {
    if (process.stderr.isTTY && !tty) note(`onmemos: sent ${name} to the command; Ctrl-C again ${second}.`);
    current.signal(name as SignalName).catch((error: unknown) => {
      // No message if the command has ended meanwhile: the end of its output shows that.
      if (!over.signal.aborted) note(`onmemos: ${name} did not reach the command: ${(error as Error).message}`);
    });
  };
  interrupts.passTo(watches ? null : pass);
  const stopWatching = onReaderGone(() => interrupts.readerGone());
  const restore = tty && input ? rawMode() : () => {};
  const stopResizing = tty ? onResize(({ cols, rows }) => current.resize(cols, rows)) : () => {};
  if (tty && process.stdout.isTTY) {
    const { cols, rows } = terminalSize();
    current.resize(cols, rows);
  }
  const typing = input
    ? copyInput(() => current, process.stdin as AsyncIterable<Uint8Array>, signal, take)
    : Promise.resolve();
  typing.catch((error: unknown) => note(`onmemos: reading stdin failed: ${(error as Error).message}`));
  try {
    const output = copyOutput(
      command,
      (next) => {
        current = next;
        dropped = true;
      },
      { signal, sinks },
    );
    // After the person has disconnected this rejects, and no code awaits it any longer.
    output.catch(() => {});
    const ended = await orAborted(Promise.race([output, detached.promise]), interrupts.signal);
    return ended === DETACHED ? DETACHED : { ...ended.exec, dropped };
  } catch (error) {
    if (!interrupts.signal.aborted) throw asLostConnection(command.exec, error);
    if (options.endsWithUs) await sayGone(options.client, command.session_id, command.exec_id);
    throw error;
  } finally {
    over.abort();
    stopWatching();
    interrupts.passTo(null);
    stopResizing();
    restore();
    if (input) process.stdin.destroy();
  }
};
