import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keeperFolder } from '#platform/keeper-folders.ts';
import type { Clock } from '#ports/clock.ts';
import { ComputeUnavailable } from '#ports/compute.ts';

export interface KeeperProcessOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  /**
   * The program and all its arguments. It gets only those variables of this process that every program needs. Null: no
   * keeper is started.
   */
  readonly command: readonly string[] | null;
}

const ERRORS = 'keeper.err';
const MAX_COMPLAINT = 2_000;
/** What a program needs to run at all. Secrets in the server's own environment stay with the server. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'USER', 'LOGNAME', 'XDG_RUNTIME_DIR'];

/** What a keeper printed that failed to start. */
export const startFailure = async (dir: string): Promise<string> => {
  const said = await readFile(join(dir, ERRORS), 'utf8').catch(() => '');
  return said.trim().slice(0, MAX_COMPLAINT) || `The keeper could not start; ${join(dir, 'keeper.log')} says why.`;
};

/**
 * In a session of its own, so that no signal to the server's terminal or process group reaches it. A cache of its
 * compiled code halves the time and memory of its next start.
 */
export const startKeeper = async (options: KeeperProcessOptions, slot: number): Promise<ChildProcess> => {
  const [program, ...given] = options.command ?? [];
  if (program === undefined) throw new ComputeUnavailable(`no keeper runs in ${options.dataDir}; start it first`);
  const args = slot === 1 ? given : [...given, '--slot', String(slot)];
  const dir = keeperFolder(options.dataDir, slot);
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
