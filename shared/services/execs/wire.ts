import type { z } from 'zod';
import type { Exec } from '#contract/entities/exec.ts';
import type { ExecDoc } from '../model/docs.ts';

const TIMED_OUT = 124;

/** The exit code that callers see: a command that its timeout ended has one, whatever it exited with itself. */
export const exitCodeOf = ({ status, exit_code }: Pick<ExecDoc, 'status' | 'exit_code'>): number | null =>
  status === 'timed_out' ? TIMED_OUT : exit_code;

export const execToWire = (doc: ExecDoc): z.infer<typeof Exec> => ({
  exec_id: doc.exec_id,
  session_id: doc.session_id,
  command: doc.command,
  argv: doc.argv === null ? null : [...doc.argv],
  status: doc.status,
  exit_code: exitCodeOf(doc),
  signal: doc.signal,
  signal_number: doc.signal_number,
  tty: doc.tty !== null,
  next_offset: doc.next_offset,
  truncated: doc.missing_from !== null,
  missing_from: doc.missing_from,
  stdin_offset: doc.stdin_offset,
  started_at: doc.ran_at ?? doc.started_at,
  ended_at: doc.ended_at,
});
