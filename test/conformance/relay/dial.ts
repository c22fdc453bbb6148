import type { Duplex } from 'node:stream';
import type { Claim, DialledAgent, Relay } from '#ports/relay.ts';

export interface Dial {
  readonly claim: Claim;
  /** This instance's end of the next connection that somebody opens. */
  accepted(): Promise<Duplex>;
}

/** An agent dials in to an instance. */
export const dialIn = async (relay: Relay, agent: DialledAgent): Promise<Dial> => {
  const here: Duplex[] = [];
  const wanted: ((end: Duplex) => void)[] = [];
  const claim = await relay.claim(agent, (end) => {
    const first = wanted.shift();
    if (first) first(end);
    else here.push(end);
  });
  return {
    claim,
    accepted: async () => here.shift() ?? new Promise((resolve) => wanted.push(resolve)),
  };
};

/** The `n`th process that was started for a session. */
export const agentOf = (session_id: string, execution = 1, generation = 1): DialledAgent => ({
  session_id,
  generation,
  execution: `run-${execution}`,
});
