import { iso } from '#ports/clock.ts';
import type { ExecState } from '#ports/exec.ts';
import type { ExecDoc } from './docs.ts';

/** The record with what the keeper or agent says of it now. Its place in lists stays. */
export const withState = (doc: ExecDoc, state: ExecState): ExecDoc => ({
  ...doc,
  status: state.status,
  exit_code: state.exit_code,
  signal: state.signal,
  signal_number: state.signal_number,
  next_offset: state.next_offset,
  missing_from: state.missing_from,
  stdin_offset: state.stdin_offset,
  ran_at: iso(state.started_at),
  ended_at: state.ended_at === null ? null : iso(state.ended_at),
});
