import type { z } from 'zod';
import type { Usage } from '#contract/entities/session.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { channelTo, runningSession } from '../execs/running.ts';

/** Measured now, by what keeps the session. */
export const sessionUsage = async (deps: Deps, call: Call, input: { id: string }): Promise<z.infer<typeof Usage>> => {
  const session = await runningSession(deps, call, input.id, 'viewer');
  return (await channelTo(deps, session)).usage();
};
