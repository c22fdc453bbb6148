import type { z } from 'zod';
import type { Job } from '#contract/entities/exec.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { collect, returncodeOf } from './collect.ts';
import { execNow } from './find.ts';
import { channelTo } from './running.ts';

/** A job is an exec seen through its old route. Once ended it carries its output, as long as the session lives. */
export const jobStatus = async (
  deps: Deps,
  call: Call,
  input: { id: string; job_id: string },
): Promise<z.infer<typeof Job>> => {
  const { session, doc } = await execNow(deps, call, input.id, input.job_id);
  const job = {
    job_id: doc.exec_id,
    session_id: session.id,
    command: doc.command ?? (doc.argv ?? []).join(' '),
    started_at: doc.ran_at ?? doc.started_at,
  };
  if (doc.status === 'running') return { ...job, status: 'running' };
  const returncode = returncodeOf(doc);
  const ended = {
    ...job,
    status: returncode === 0 && doc.status === 'exited' ? ('completed' as const) : ('failed' as const),
    ended_at: doc.ended_at,
  };
  if (session.status === 'running' && doc.status !== 'lost') {
    return { ...ended, ...(await collect(deps, session, doc, await channelTo(deps, session))) };
  }
  return {
    ...ended,
    stdout: '',
    stderr: '',
    returncode,
    success: returncode === 0,
    exec_id: doc.exec_id,
    timed_out: doc.status === 'timed_out',
    truncated: doc.next_offset > 0,
  };
};
