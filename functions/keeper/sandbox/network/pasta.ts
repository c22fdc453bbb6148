import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { findProgram } from '../process/proc.ts';

export interface PastaOptions {
  readonly program: string;
  /** A process in the namespace that is to be connected. */
  readonly pid: number;
  /** The namespace belongs to a user namespace of its own, which pasta joins. */
  readonly ownUserNamespace: boolean;
  /** The interface in the namespace; null names it as the host's own. */
  readonly interface: string | null;
  /** Where names are asked for: pasta hands that to the host's resolver. */
  readonly names: readonly string[];
  /** How many files it may have open, if this process may say so. */
  readonly openFiles: number | null;
}

export interface Pasta {
  /** Resolves when it has ended, with what it said last. */
  readonly ended: Promise<string>;
  readonly process: ChildProcess;
  kill(): void;
}

/** No port of the namespace's on the host and none of the host's in it, nor the host's loopback by way of the gateway. */
const CLOSED = ['-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none', '--no-map-gw'];

/** Connects a network namespace with the outside by user-mode networking. It dies with its keeper. */
export const startPasta = (options: PastaOptions): Pasta => {
  const { program, pid, openFiles } = options;
  const target = options.ownUserNamespace
    ? [String(pid)]
    : ['--runas', '0', '--netns-only', '--netns', '/proc/self/fd/3'];
  const named = options.interface === null ? [] : ['-I', options.interface];
  const names = options.names.flatMap((address) => ['--dns-forward', address]);
  const limited = openFiles !== null && findProgram('prlimit') ? ['prlimit', `--nofile=${openFiles}:${openFiles}`] : [];
  const [first = 'setpriv', ...rest] = [...limited, 'setpriv', '--pdeathsig', 'KILL', program];
  // Handed over open: as root, pasta drops the privilege that it would need to open it.
  const namespace = openSync(`/proc/${pid}/ns/net`, 'r');
  const child = spawn(first, [...rest, '--config-net', '--foreground', ...CLOSED, ...named, ...names, ...target], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', namespace],
  });
  closeSync(namespace);
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('close', () => resolve(lastWord(complaint)));
    child.once('error', (error) => resolve(error.message));
  });
  return { ended, process: child, kill: () => void child.kill('SIGKILL') };
};

/** Of what pasta prints the line that says why; that it can't log is no reason. */
const lastWord = (complaint: string): string => {
  const lines = complaint.split('\n').map((line) => line.trim());
  const last = lines.findLast((line) => line !== '' && !line.startsWith('Failed to send')) ?? '';
  return /open tun socket/.test(last) ? 'this user may not open /dev/net/tun' : last.replace(/\.$/, '');
};
