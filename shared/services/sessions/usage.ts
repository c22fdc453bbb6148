import type { z } from 'zod';
import type { Usage } from '#contract/entities/session.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { targetOf } from '../model/places.ts';
import { runningSession } from '../execs/running.ts';

/** Measured by the provider now. */
export const sessionUsage = async (deps: Deps, call: Call, input: { id: string }): Promise<z.infer<typeof Usage>> => {
  const session = await runningSession(deps, call, input.id, 'viewer');
  return deps.computes.byDriver(session.driver).usage(targetOf(session));
};
