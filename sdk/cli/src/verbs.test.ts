import { expect, it } from 'vitest';
import { createProgram } from './program.ts';
import { suggestMeant } from './verbs.ts';

const complaint = async (...args: readonly string[]): Promise<string> => {
  const program = await createProgram(args.slice(0, 1));
  let text = '';
  const hear = (command: typeof program): void => {
    command.configureOutput({
      writeErr: (part) => {
        text += part;
      },
    });
    command.commands.forEach(hear);
  };
  hear(program);
  await program.parseAsync([...args], { from: 'user' }).catch(() => undefined);
  return /\(Did you mean (.*)\?\)/.exec(text)?.[1] ?? text;
};

it('suggests the verb that people mean', async () => {
  const suggested: Record<string, string> = {};
  for (const line of ['status', 'inspect', 'start', 'sh', 'ssh', 'whoami', 'prices', 'stats', 'destroy'])
    suggested[line] = await complaint(line);
  expect(suggested).toEqual({
    status: 'ls',
    inspect: 'sessions get',
    start: 'run',
    sh: 'shell',
    ssh: 'shell',
    whoami: 'users get',
    prices: 'packages',
    stats: 'usage',
    destroy: 'rm',
  });
  expect(await complaint('sessions', 'start')).toBe('create');
  expect(await complaint('sessions', 'kill', 'x')).toBe('rm');
  expect(await complaint('keys', 'revoke', 'x')).toBe('rm');
  expect(await complaint('cost', 'lab')).toBe('`onmemos cost session lab` or `onmemos cost report -w lab`');
  expect(await complaint('volumes', 'lab')).toBe('`onmemos volumes get lab` or `onmemos volumes ls -w lab`');
  expect(await complaint('workspaces', 'lab')).toBe('`onmemos workspaces get lab`');
  expect(await complaint('cost', 'reprot')).toBe('report');
  expect(await complaint('workspaces', 'members', 'invite')).toMatch(/^error: unknown command 'invite'/);
});

it('leaves a suggestion by letters where no verb is meant', async () => {
  expect(await complaint('runn')).toBe('run');
  expect(suggestMeant(await createProgram([]), "error: unknown option '--list'")).toBe(
    "error: unknown option '--list'",
  );
});

it('knows the other names of a verb', async () => {
  const program = await createProgram('all');
  const named = (path: string): string | undefined => {
    let at = program;
    for (const word of path.split(' ')) {
      const next = at.commands.find((one) => one.name() === word || one.aliases().includes(word));
      if (next === undefined) return undefined;
      at = next;
    }
    return at.summary();
  };
  for (const noun of [
    'sessions',
    'workspaces',
    'workspaces members',
    'volumes',
    'buckets',
    'users',
    'keys',
    'config',
  ]) {
    expect(named(`${noun} list`), noun).toBe(named(`${noun} ls`));
    expect(named(`${noun} delete`), noun).toBe(named(`${noun} rm`));
    expect(named(`${noun} remove`), noun).toBe(named(`${noun} rm`));
    expect(named(`${noun} list`), noun).toBeDefined();
  }
  expect(named('sessions show')).toBe('show one session');
});
