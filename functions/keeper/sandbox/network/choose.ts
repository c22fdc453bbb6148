import { connect } from 'node:net';
import type { Clock } from '#ports/clock.ts';

/** Where clouds answer a machine's own processes with its credentials. */
const METADATA_ADDRESS = '169.254.169.254';
const METADATA_WAIT_MS = 400;

/** A sandbox can't have a network of its own. The message says why. */
export class NetworkUnavailable extends Error {
  override readonly name = 'NetworkUnavailable';
}

export interface NetworkChoice {
  readonly kind: 'own' | 'host' | 'none';
  /** Why it is not what one would expect, or null. */
  readonly warning: string | null;
}

/**
 * An own network with egress where pasta is installed; else the host's, but not where that would hand the
 * machine's cloud credentials to every session: there it must be asked for.
 */
export async function chooseNetwork(
  wanted: 'auto' | 'host' | 'none',
  pasta: string | null,
  clock: Clock,
): Promise<NetworkChoice> {
  if (wanted !== 'auto') return { kind: wanted, warning: null };
  if (pasta) return { kind: 'own', warning: null };
  if (!(await answers(METADATA_ADDRESS, 80, clock))) return { kind: 'host', warning: null };
  return {
    kind: 'none',
    warning:
      'Sessions have no network: pasta is not installed, and a cloud metadata address answers on this machine, ' +
      'which would give them its credentials. Run `apt-get install passt` and restart the server when no session runs.',
  };
}

/** Sessions without isolation use the host's network. */
export const hostNetwork = (): NetworkChoice => ({ kind: 'host', warning: null });

/** When a network of its own can't be made, sessions have none: the host's network must be asked for. */
export const noNetwork = (problem: string): NetworkChoice => ({
  kind: 'none',
  warning: `Sessions have no network: ${problem}. ONMEMOS_NETWORK=host gives them the machine’s own.`,
});

function answers(host: string, port: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (answer: boolean) => {
      timer.cancel();
      socket.destroy();
      resolve(answer);
    };
    const timer = clock.timer(METADATA_WAIT_MS, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
