import type { z } from 'zod';
import type { ExecuteResult } from '#contract/entities/exec.ts';
import { Problem } from '#contract/errors.ts';
import { signalNumber } from '#platform/signals.ts';
import type { ExecChannel, ExecState, ReadOptions } from '#ports/exec.ts';
import type { Deps } from '../kernel/deps.ts';
import type { ExecDoc, SessionDoc } from '../model/docs.ts';
import { lostExec } from './begin.ts';
import { recordStateSoon } from './record.ts';

/** The most of each stream that an answer carries; the rest is in the exec's output. */
const MOST_OUTPUT = 8 * 1024 * 1024;

/** One number for how a command ended, as a shell gives it: 124 at a time-out, 128 + n by a signal. */
export const returncodeOf = (
  exec: Pick<ExecState, 'status' | 'exit_code' | 'signal'> & Partial<Pick<ExecState, 'signal_number'>>,
): number => {
  if (exec.status === 'timed_out') return 124;
  if (exec.signal !== null) return 128 + (exec.signal_number ?? signalNumber(exec.signal) ?? 0);
  return exec.exit_code ?? -1;
};

class Capped {
  readonly #parts: Uint8Array[] = [];
  #size = 0;
  truncated = false;

  add(data: Uint8Array): void {
    const room = MOST_OUTPUT - this.#size;
    if (data.length > room) this.truncated = true;
    if (room <= 0) return;
    const part = data.subarray(0, room);
    this.#parts.push(part);
    this.#size += part.length;
  }

  /** The text, with U+FFFD for bad bytes, and the bytes in base64 where there are any. */
  read(): { readonly text: string; readonly base64: string | null } {
    const bytes = Buffer.concat(this.#parts, this.#size);
    const text = bytes.toString('utf8');
    const exact = !text.includes('\uFFFD') || Buffer.from(text, 'utf8').equals(bytes);
    return { text, base64: exact ? null : bytes.toString('base64') };
  }
}

/**
 * Reads a command's output to its end and puts it into one answer. What does not fit into it is read too, since a
 * command that holds its output waits for that.
 */
export const collect = async (
  deps: Deps,
  session: SessionDoc,
  doc: ExecDoc,
  channel: ExecChannel,
  options: Pick<ReadOptions, 'signal' | 'hold'> = {},
): Promise<z.infer<typeof ExecuteResult>> => {
  const streams = { stdout: new Capped(), stderr: new Capped() };
  let dropped = false;
  let end: ExecState | null = null;
  for await (const event of channel.read(doc.exec_id, 0, options)) {
    if (event.type === 'chunk') streams[event.stream].add(event.data);
    else if (event.type === 'gap') dropped = true;
    else end = event.exec;
    // Both are full, and the command waits for no reader.
    if (options.hold === undefined && streams.stdout.truncated && streams.stderr.truncated) break;
  }
  end ??= await channel.wait(doc.exec_id, options.signal);
  if (end.status === 'lost') throw lostExec(doc);
  if (end.status === 'running')
    throw new Problem('unavailable', 'The command is still running; ask again.', { extra: { exec_id: doc.exec_id } });
  recordStateSoon(deps, session.id, doc, end);

  const stdout = streams.stdout.read();
  const stderr = streams.stderr.read();
  const returncode = returncodeOf(end);
  return {
    stdout: stdout.text,
    stderr: stderr.text,
    returncode,
    success: returncode === 0,
    exec_id: doc.exec_id,
    timed_out: end.status === 'timed_out',
    truncated: dropped || streams.stdout.truncated || streams.stderr.truncated,
    ...(stdout.base64 === null ? {} : { stdout_base64: stdout.base64 }),
    ...(stderr.base64 === null ? {} : { stderr_base64: stderr.base64 }),
  };
};
