import { Problem } from '#contract/errors.ts';
import { isTerminal } from '#domain/lifecycle.ts';
import type { AgentActor } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { sessions } from '../model/collections.ts';
import { agentGeneration, readAgentToken } from './token.ts';

/** Why an agent is refused, each with what it is to do. */
const REFUSALS = {
  invalid: 'This is not the token of an agent.',
  ended: 'The session of this agent has ended: exit.',
  superseded: 'Another start of this session has taken the place of this one: exit.',
  expired: 'This token has expired, and everything else about it holds: ask for a new one.',
} as const;

const refused = (reason: keyof typeof REFUSALS): Problem =>
  new Problem('unauthenticated', REFUSALS[reason], { extra: { reason } });

/**
 * Which session's agent shows this token. The session is read each time, so that an agent is shut out as soon as its
 * session has ended or another start of it is the one that counts.
 * @throws Problem unauthenticated, with the `reason` beside the sentence
 */
export const verifyAgent = async (deps: Deps, presented: string): Promise<AgentActor> => {
  const claims = await readAgentToken(deps, presented);
  if (claims === null) throw refused('invalid');
  const { session_id, generation, expires_at } = claims;
  const session = (await deps.store.get(sessions, session_id))?.data;
  if (!session || isTerminal(session.status)) throw refused('ended');
  if (generation !== agentGeneration(session)) throw refused('superseded');
  // Last, as only a token that is wrong by nothing else is worth another one.
  if (expires_at <= deps.clock.now()) throw refused('expired');
  return { kind: 'agent', session_id, generation };
};
