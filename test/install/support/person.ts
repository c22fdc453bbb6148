import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { personEnv } from '../../acceptance/support/server.ts';
import { type Started, startProgram } from '../../support/program.ts';

export interface Person {
  /** Their home, which the data folder lies in. Paths are those of this machine, also where they see others. */
  readonly home: string;
  readonly dataDir: string;
  /** The clone in which they type. */
  readonly clone: string;
  readonly env: NodeJS.ProcessEnv;
  /** What stands before each of their programs, such as a change of user or of root. */
  readonly before: readonly string[];
}

export interface Tools {
  readonly node: string;
  readonly npm: string;
}

/** A person with these tools first on their path: `npm` runs on that Node. */
export const personWith = async (
  folder: string,
  { node, npm }: Tools,
  more: Partial<Pick<Person, 'before' | 'env'>> = {},
): Promise<Person> => {
  const [bin, home, clone] = [join(folder, 'bin'), join(folder, 'home'), join(folder, 'clone')];
  for (const made of [bin, home]) await mkdir(made, { recursive: true });
  const programs = { node: `exec '${node}' "$@"`, npm: `exec '${node}' '${npm}' "$@"` };
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const env = {
    ...personEnv(),
    PATH: `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: home,
    // How this machine reaches its registry.
    npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc'),
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    ...dataIn(home),
    ...more.env,
  };
  return { home, clone, env, dataDir: join(home, 'data'), before: more.before ?? [] };
};

/** Settings of a server on any free port, with its data in this home. */
export const dataIn = (home: string): Readonly<Record<string, string>> => ({
  ONMEMOS_DATA_DIR: join(home, 'data'),
  ONMEMOS_PORT: '0',
});

/** Types a command in the clone. */
export const type = ({ before, clone, env }: Person, ...command: readonly string[]): Started => {
  const [program = '', ...args] = [...before, ...command];
  return startProgram(program, args, { cwd: clone, env });
};
