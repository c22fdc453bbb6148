import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { calledName, withGlobals } from './globals.ts';
import { withCommon, withTarget } from './options.ts';

const called = async (...args: readonly string[]): Promise<unknown> => {
  let options: unknown = null;
  const program = new Command('onmemos').enablePositionalOptions().exitOverride();
  const take = (given: unknown): void => {
    options = given;
  };
  withCommon(program.command('group').command('ls')).action(take);
  withTarget(program.command('run')).action(take);
  withGlobals(program);
  await program.parseAsync([...args], { from: 'user' });
  return options;
};

describe('options of all commands', () => {
  it('work before the command, before the group, and behind it, where they count most', async () => {
    expect(await called('--url', 'http://a', 'group', '--json', 'ls')).toEqual({ url: 'http://a', json: true });
    expect(await called('--url', 'http://a', 'group', 'ls', '--url', 'http://b')).toEqual({ url: 'http://b' });
    expect(await called('--profile', 'p', 'run')).toEqual({ profile: 'p' });
    expect(calledName(['--url', 'ls', '-o', 'wide', 'run', 'x'])).toBe('run');
  });

  it('are refused by a command that has no use for them', async () => {
    await expect(called('--json', 'run')).rejects.toThrow('`onmemos run` has no option --json.');
  });

  it('ask for one form of the answer', async () => {
    await expect(called('group', 'ls', '--format', '{id}', '--json')).rejects.toThrow('exclude each other');
    await expect(called('-o', 'wide', 'group', 'ls', '-q')).rejects.toThrow('exclude each other');
    expect(await called('group', 'ls', '-o', 'json', '--json')).toEqual({ json: true, output: 'json' });
  });
});
