import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { findSocketPath } from '#platform/socket-path.ts';
import type { Clock } from '#ports/clock.ts';
import { ComputeUnavailable } from '#ports/compute.ts';

export interface KeeperProcessOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  /** The program and all its arguments. It gets only those variables of this process that every program needs. */
  readonly command: readonly string[];
}

/** For a keeper that hangs. A start takes 40 ms on a quiet machine, and seconds where many processes compete. */
const START_LIMIT_MS = 90_000;
const POLL_MS = 5;
const ERRORS = 'keeper.err';
const MAX_COMPLAINT = 2_000;
/** What a program needs to run at all. Secrets in the server's own environment stay with the server. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'USER', 'LOGNAME', 'XDG_RUNTIME_DIR'];

/** A connection to the data folder's keeper, which is started where none answers. @throws ComputeUnavailable */
export const dialKeeper = async (options: KeeperProcessOptions): Promise<Socket> => {
  const dir = join(options.dataDir, 'keeper');
  const end = options.clock.monotonic() + START_LIMIT_MS;
  let child: ChildProcess | null = null;
  for (;;) {
    const socket = await dial(await findSocketPath(dir));
    if (socket) return socket;
    if (options.clock.monotonic() > end) {
      throw new ComputeUnavailable(`the keeper of ${options.dataDir} does not answer; see ${join(dir, 'keeper.log')}`);
    }
    // It leaves with 0 where another one has the folder; anything else is a reason for the operator to read.
    if (child?.exitCode) throw new ComputeUnavailable(await complaint(dir));
    // Another server's keeper may hold the folder while it ends: ours has left then, and another one is due.
    if (!child || child.exitCode !== null || child.signalCode !== null) {
      if (child) await options.clock.sleep(POLL_MS * 10);
      child = await startKeeper(options, dir);
    }
    await options.clock.sleep(POLL_MS);
  }
};

const complaint = async (dir: string): Promise<string> => {
  const said = await readFile(join(dir, ERRORS), 'utf8').catch(() => '');
  return said.trim().slice(0, MAX_COMPLAINT) || `The keeper could not start; ${join(dir, 'keeper.log')} says why.`;
};

const dial = async (path: string): Promise<Socket | null> => {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    socket.destroy();
    return null;
  }
};

/**
 * In a session of its own, so that no signal to the server's terminal or process group reaches it. A cache of its
 * compiled code halves the time and memory of its next start.
 */
const startKeeper = async (options: KeeperProcessOptions, dir: string): Promise<ChildProcess> => {
  const [program, ...args] = options.command;
  if (program === undefined) throw new ComputeUnavailable('there is no command that starts a keeper');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const errors = await open(join(dir, ERRORS), 'w', 0o600);
  try {
    const child = spawn(program, args, {
      cwd: '/',
      detached: true,
      env: pick(process.env),
      stdio: ['ignore', 'ignore', errors.fd],
    });
    await once(child, 'spawn');
    child.unref();
    return child;
  } catch (error) {
    throw new ComputeUnavailable('the keeper could not be started', { cause: error });
  } finally {
    await errors.close();
  }
};

const pick = (env: NodeJS.ProcessEnv): Record<string, string> => {
  const picked: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = env[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
};
