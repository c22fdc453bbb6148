import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE, personEnv } from '../../../acceptance/support/server.ts';
import { type Outcome, type ProgramOptions, type Started, startProgram } from '../../../support/program.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
export const CLI = join(ROOT, 'sdk', 'cli', 'bin', 'onmemos.mjs');

export interface Home {
  readonly dir: string;
  readonly dataDir: string;
  /** The environment of a person who has set nothing of ours, with folders of this home alone. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** A home of its own for one test: config, data and caches lie in it. */
export const makeHome = async (env: Readonly<Record<string, string>> = {}): Promise<Home> => {
  const dir = await mkdtemp(join(tmpdir(), 'onmemos-cli-'));
  const dataDir = join(dir, 'data');
  const kept = Object.entries(personEnv()).filter(
    ([name, value]) => value !== undefined && !/^(NO_COLOR|FORCE_COLOR|XDG_)/.test(name),
  ) as [string, string][];
  return {
    dir,
    dataDir,
    env: {
      ...Object.fromEntries(kept),
      HOME: dir,
      XDG_CONFIG_HOME: join(dir, 'config'),
      // Compiled code is no state: shared, it makes hundreds of calls quicker.
      XDG_CACHE_HOME: join(ROOT, 'node_modules', '.cache', 'onmemos-cli'),
      ONMEMOS_DATA_DIR: dataDir,
      TERM: 'xterm-256color',
      TZ: 'UTC',
      ...env,
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
};

type CallOptions = Omit<ProgramOptions, 'uid'>;

/** Starts the program with pipes. */
export const launch = (args: readonly string[], options: CallOptions): Started =>
  startProgram(NODE, [CLI, ...args], options);

/** Runs the program to its end. */
export const call = (args: readonly string[], options: CallOptions): Promise<Outcome> => launch(args, options).ended;
