import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { AS_NOBODY, NOBODY } from '../support/ordinary-user.ts';
import { fetched, nodeOf, npmOf, UNREACHABLE } from '../support/runtimes.ts';
import { freshClone } from './support/clone.ts';
import { installs, startsAndStops, tests } from './support/journey.ts';
import { personWith, type Tools } from './support/person.ts';

const run = promisify(execFile);

/**
 * Each npm with the Nodes that it supports; those before 11.10 link no `node` of ours. Those around 9.9 keep TERM to
 * themselves and do not end by it, so that only KILL is left to end them.
 */
const MACHINES = [
  { npm: '9.2.0', node: '18', signal: 'SIGTERM' },
  { npm: '9.9.4', node: '20', signal: 'SIGKILL' },
  { npm: '9.9.4', node: '22', signal: 'SIGKILL' },
  { npm: '10.8.2', node: '18', signal: 'SIGTERM' },
  { npm: '10.8.2', node: '20', signal: 'SIGTERM' },
  { npm: '10.9.2', node: '22', signal: 'SIGTERM' },
  { npm: '11.6.0', node: '20', signal: 'SIGTERM' },
  { npm: '11.6.0', node: '22', signal: 'SIGTERM' },
  { npm: '11.19.1', node: '22', signal: 'SIGTERM' },
] as const;

const made: string[] = [];
const folder = async (): Promise<string> => {
  const one = await mkdtemp(join(tmpdir(), 'onmemos-install-'));
  made.push(one);
  return one;
};
afterEach(async () => {
  for (const one of made.splice(0)) await rm(one, { recursive: true, force: true });
});

/** @returns null where the registry can't be reached */
const toolsOf = async ({ npm, node }: { readonly npm: string; readonly node: string }): Promise<Tools | null> => {
  const [nodeProgram, npmProgram] = [await fetched(nodeOf(node)), await fetched(npmOf(npm))];
  return nodeProgram === null || npmProgram === null ? null : { node: nodeProgram, npm: npmProgram };
};

describe.each(MACHINES)('npm $npm on Node $node', (machine) => {
  it('installs, starts, runs a command, stops and tests', async ({ skip }) => {
    const tools = await toolsOf(machine);
    if (tools === null) return skip(UNREACHABLE);
    const person = await personWith(await folder(), tools);
    await freshClone(person.clone);
    await installs(person);
    const printed = await startsAndStops(person, machine.signal);
    expect(printed).toMatch(/isolation {2}(full|user)/);
    await tests(person);
  });
});

it('an ordinary user installs, starts, runs a command, stops and tests', async ({ skip }) => {
  if (AS_NOBODY.length === 0) skip('only root can become another user; this run was one as an ordinary user itself');
  const tools = await toolsOf({ npm: '10.8.2', node: '20' });
  if (tools === null) return skip(UNREACHABLE);
  const where = await folder();
  const env = { npm_config_userconfig: join(where, 'home', '.npmrc'), npm_config_cache: join(where, 'home', '.npm') };
  const person = await personWith(where, tools, { before: AS_NOBODY, env });
  await freshClone(person.clone);
  await run('chown', ['-R', `${NOBODY}:${NOBODY}`, where]);
  // The tools lie in root's own folders: everybody may pass through those that the repository lies in, or not.
  const reachable = await run(AS_NOBODY[0] ?? '', [...AS_NOBODY.slice(1), 'test', '-r', tools.node]).then(
    () => true,
    () => false,
  );
  if (!reachable) skip('another user can’t read this repository: let the folders above it be passed through');
  await chmod(where, 0o755);
  await installs(person);
  // npm passes neither of these on.
  for (const signal of ['SIGHUP', 'SIGKILL'] as const) await startsAndStops(person, signal);
  await tests(person);
});
