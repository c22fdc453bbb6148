import { afterAll, beforeAll } from 'vitest';
import type { IsolationLevel, Sandbox, SandboxSpec, SpawnSpec } from '../../../functions/keeper/sandbox/types.ts';
import { openTestHost, run, type TestHost, testSpec } from '../../support/sandbox/host.ts';

const root = process.getuid?.() === 0;
/** As root the tests see every level; an ordinary user has no `full`. */
export const LEVELS: readonly IsolationLevel[] = root ? ['full', 'user', 'none'] : ['user', 'none'];
/** The levels at which a session has files, users and names of its own. */
export const ISOLATED = LEVELS.filter((level) => level !== 'none');

export interface Machine {
  /** Runs a command and returns what it printed on stdout. @throws Error with its stderr if it failed */
  sh(command: string, more?: Partial<SpawnSpec>, input?: string): Promise<string>;
  /** The same for a program in Python, with arguments. */
  python(program: string, ...args: string[]): Promise<string>;
  /** Why a test is skipped: none of these programs is here. Null if all are. */
  lack(...programs: string[]): Promise<string | null>;
  sandbox(): Sandbox;
}

/** One sandbox of a level for the tests of a block. */
export const machine = (isolation: IsolationLevel, spec: Partial<SandboxSpec> = {}): Machine => {
  let test: TestHost;
  let sandbox: Sandbox;
  beforeAll(async () => {
    test = await openTestHost({ isolation });
    sandbox = await test.host.create(testSpec('inside', { memory_mb: 1024, pids: 256, ...spec }));
  });
  afterAll(async () => {
    await test?.[Symbol.asyncDispose]();
  });
  const sh = async (command: string, more: Partial<SpawnSpec> = {}, input = ''): Promise<string> => {
    const ran = await run(sandbox, command, more, input);
    if (ran.code !== 0) {
      throw new Error(`${command}\nended with ${ran.code ?? ran.signal}, and printed:\n${ran.out}${ran.err}`);
    }
    return ran.out;
  };
  return {
    sh,
    python: (program, ...args) => sh('', { argv: ['python3', '-c', program, ...args] }),
    lack: async (...programs) => {
      const missing = (await sh(`for p in ${programs.join(' ')}; do command -v $p >/dev/null || echo $p; done`)).trim();
      return missing === '' ? null : `this machine has no ${missing.split('\n').join(', no ')}: apt-get install it`;
    },
    sandbox: () => sandbox,
  };
};
