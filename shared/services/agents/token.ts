import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { SessionDoc } from '../model/docs.ts';

/**
 * `oma_<session id>_<sealed>`: what an agent shows when it dials in. Nothing of it is stored: it is sealed by the
 * keyring and bound to its session, so that it can be neither made nor altered nor moved to another session.
 */
const SHAPE = /^oma_([a-z0-9-]{1,63})_([\x21-\x7e]{1,960})$/;
const LIVES_MS = 10 * 60_000;
/** No owner of a session can have this name: what is sealed for an owner's session is never a token. */
const TENANT = ':agent';

export interface AgentClaims {
  readonly session_id: string;
  readonly generation: number;
  /** Epoch milliseconds. */
  readonly expires_at: number;
}

/** Which start of the session its agent must belong to; an agent of another one is refused. */
export const agentGeneration = (session: SessionDoc): number => session.agent_generation ?? 1;

/** A new token for the agent of a session. It is short-lived: over its channel an agent gets the next one in time. */
export const issueAgentToken = async (
  deps: Deps,
  session: SessionDoc,
  lives_ms: number = LIVES_MS,
): Promise<{ readonly token: string; readonly expires_at: string }> => {
  const expires_at = iso(deps.clock.now() + lives_ms);
  const claims = JSON.stringify([agentGeneration(session), epochMs(expires_at)]);
  const sealed = await deps.secrets.seal(new TextEncoder().encode(claims), { tenant: TENANT, session: session.id });
  return { token: `oma_${session.id}_${sealed}`, expires_at };
};

/** What a token says; null where we have not made it. Whether it still holds is another question. */
export const readAgentToken = async (deps: Deps, presented: string): Promise<AgentClaims | null> => {
  const [, session_id, sealed] = SHAPE.exec(presented) ?? [];
  if (session_id === undefined || sealed === undefined) return null;
  try {
    // Compares its seal in constant time.
    const claims = await deps.secrets.open(sealed, { tenant: TENANT, session: session_id });
    const [generation, expires_at] = JSON.parse(new TextDecoder().decode(claims)) as [number, number];
    return { session_id, generation, expires_at };
  } catch (error) {
    deps.log.debug({ session_id, err: error }, 'what was shown as the token of an agent is none');
    return null;
  }
};
