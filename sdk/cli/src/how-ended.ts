import { type Exec, returncodeOf } from 'onmemos';
import { relative } from './ui/time.ts';

/** How a command ended, and when, as the end of a sentence about it. */
export const howEnded = (exec: Exec): string => {
  const when = exec.ended_at === null ? '' : `, ${relative(exec.ended_at)}`;
  const code = returncodeOf(exec);
  if (code === null) return `was lost with its session${when}`;
  if (exec.status === 'timed_out') return `was ended at its timeout (code ${code})${when}`;
  if (exec.signal !== null) return `was ended by ${exec.signal} (code ${code})${when}`;
  return `exited with code ${code}${when}`;
};
