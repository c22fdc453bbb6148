import type { z } from 'zod';
import type { Exec } from '#contract/entities/exec.ts';
import type { ExecDoc } from '../model/docs.ts';

export const execToWire = (doc: ExecDoc): z.infer<typeof Exec> => ({
  exec_id: doc.exec_id,
  session_id: doc.session_id,
  command: doc.command,
  argv: doc.argv === null ? null : [...doc.argv],
  status: doc.status,
  exit_code: doc.status === 'timed_out' ? 124 : doc.exit_code,
  signal: doc.signal,
  signal_number: doc.signal_number,
  tty: doc.tty !== null,
  next_offset: doc.next_offset,
  truncated: doc.missing_from !== null,
  missing_from: doc.missing_from,
  stdin_offset: doc.stdin_offset,
  started_at: doc.started_at,
  ended_at: doc.ended_at,
});
