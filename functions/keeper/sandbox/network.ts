import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import type { Clock } from '#ports/clock.ts';
import type { Launch } from './launch/launcher.ts';
import { readText } from './process/proc.ts';

/** Where clouds answer a machine's own processes with its credentials. */
const METADATA_ADDRESS = '169.254.169.254';
/** The same and its kin in IPv6 (Amazon's fd00:ec2::254, Google's fd20:ce::254), as bytes in hexadecimal. */
const METADATA_BYTES = 'a9fea9fe';
const METADATA_BYTES_V6 = ['fd000ec2000000000000000000000254', 'fd2000ce000000000000000000000254'];

/** A sandbox can't have a network of its own. The message says why. */
export class NetworkUnavailable extends Error {
  override readonly name = 'NetworkUnavailable';
}

const METADATA_WAIT_MS = 400;
/** For what hangs: it takes some milliseconds, and seconds where many processes compete. */
const CONNECT_WITHIN_MS = 30_000;

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
      'Sessions have no network: a cloud metadata address answers on this machine and would give them its ' +
      'credentials. Install pasta (package passt) for a network of their own, or set ONMEMOS_NETWORK=host.',
  };
}

/** Sessions without isolation use the host's network. */
export const hostNetwork = (): NetworkChoice => ({ kind: 'host', warning: null });

/** When a network of its own can't be made, sessions have none: the host's network must be asked for. */
export const noNetwork = (problem: string): NetworkChoice => ({
  kind: 'none',
  warning: `Sessions have no network: ${problem}. ONMEMOS_NETWORK=host gives them the machine's own.`,
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

/** A namespace's connection with the outside. */
export interface Connection {
  close(): void;
}

/**
 * Connects the network namespace of a sandbox that waits with the outside by user-mode networking: nothing of the
 * host's loopback, no port of the sandbox's on the host, and no way to a cloud's metadata. It dies with its keeper.
 * @throws NetworkUnavailable
 */
export async function connectNetwork(
  pasta: string,
  sandbox: Launch,
  ownUserNamespace: boolean,
  clock: Clock,
): Promise<Connection> {
  const { pid } = sandbox.init();
  const closed = ['-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none', '--no-map-gw'];
  const target = ownUserNamespace ? [String(pid)] : ['--runas', '0', '--netns-only', '--netns', '/proc/self/fd/3'];
  // Handed over open: as root, pasta drops the privilege that it would need to open it.
  const namespace = openSync(`/proc/${pid}/ns/net`, 'r');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', pasta, '--config-net', '--foreground', ...closed, ...target], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', namespace],
  });
  closeSync(namespace);
  let complaint = '';
  let over = false;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  child.once('exit', () => {
    over = true;
  });
  child.once('error', (error) => {
    complaint += error.message;
    over = true;
  });
  const close = () => void child.kill('SIGKILL');
  try {
    const deadline = clock.monotonic() + CONNECT_WITHIN_MS;
    while (!hasDefaultRoute(pid)) {
      if (over || clock.monotonic() > deadline)
        throw new NetworkUnavailable(`pasta could not connect it: ${lastWord(complaint) || 'no answer in time'}`);
      await clock.sleep(2);
    }
    // From inside, by the sandbox's own first process, before it gives up the right to.
    const kin = METADATA_BYTES_V6.map((bytes) => ['?forbid', bytes] as const);
    sandbox.feed([['forbid', METADATA_BYTES], ...kin, ['say', 'closed']]);
    await sandbox.reached('closed');
  } catch (error) {
    close();
    if (error instanceof NetworkUnavailable) throw error;
    throw new NetworkUnavailable(`the metadata address could not be blocked: ${(error as Error).message}`);
  }
  return { close };
}

/** Of what pasta prints the line that says why; that it can't log is no reason. */
const lastWord = (complaint: string): string => {
  const lines = complaint.split('\n').map((line) => line.trim());
  const last = lines.findLast((line) => line !== '' && !line.startsWith('Failed to send')) ?? '';
  return /open tun socket/.test(last) ? 'this user may not open /dev/net/tun' : last.replace(/\.$/, '');
};

/** Whether packets for anywhere have a way out, as the process sees it. */
const hasDefaultRoute = (pid: number): boolean => /^\S+\t00000000\t/m.test(readText(`/proc/${pid}/net/route`));
