import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import type { Clock } from '#ports/clock.ts';
import { type ProcessId, readText } from './proc.ts';

/** Where clouds answer a machine's own processes with its credentials. */
const METADATA_ADDRESS = '169.254.169.254';
const METADATA_WAIT_MS = 400;
const CONNECT_WITHIN_MS = 5000;

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
 * Connects the network namespace of `init` with the outside by user-mode networking: nothing of the host's
 * loopback, no port of the sandbox's on the host, and no way to a cloud's metadata. It dies with its keeper.
 * @throws Error when pasta refuses.
 */
export async function connectNetwork(
  pasta: string,
  init: ProcessId,
  ownUserNamespace: boolean,
  clock: Clock,
): Promise<Connection> {
  const closed = ['-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none', '--no-map-gw'];
  const target = ownUserNamespace ? [String(init.pid)] : ['--runas', '0', '--netns-only', '--netns', '/proc/self/fd/3'];
  // Handed over open: as root, pasta drops the privilege that it would need to open it.
  const namespace = openSync(`/proc/${init.pid}/ns/net`, 'r');
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
    while (!hasDefaultRoute(init.pid)) {
      if (over || clock.monotonic() > deadline)
        throw new Error(`pasta could not connect the sandbox: ${complaint.trim()}`);
      await clock.sleep(2);
    }
    await blockMetadata(init, ownUserNamespace);
  } catch (error) {
    close();
    throw error;
  }
  return { close };
}

/** Whether packets for anywhere have a way out, as the process sees it. */
const hasDefaultRoute = (pid: number): boolean => /^\S+\t00000000\t/m.test(readText(`/proc/${pid}/net/route`));

function blockMetadata(init: ProcessId, ownUserNamespace: boolean): Promise<void> {
  const enter = ownUserNamespace ? ['-U', '--preserve-credentials'] : [];
  const route = ['ip', 'route', 'add', 'blackhole', `${METADATA_ADDRESS}/32`];
  return new Promise((resolve, reject) => {
    execFile('nsenter', ['-t', String(init.pid), ...enter, '-n', ...route], { cwd: '/' }, (error) =>
      error ? reject(new Error(`the metadata address could not be blocked: ${error.message}`)) : resolve(),
    );
  });
}
