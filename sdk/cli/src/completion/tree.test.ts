import { describe, expect, it } from 'vitest';
import { createProgram } from '../program.ts';
import { REGISTRY } from '../registry.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { placesOf } from './tree.ts';
import { zshScript } from './zsh.ts';

const places = placesOf(await createProgram('all'));
const at = (path: string) => places.find((place) => place.path === path);

describe('what can follow a command', () => {
  it('is every command that there is, with its options', () => {
    expect(at('')?.commands.map(({ word }) => word)).toEqual(REGISTRY.map(({ name }) => name));
    expect(at('sessions ls')?.options.map(({ word }) => word)).toEqual(
      expect.arrayContaining(['--all', '-a', '--json', '--url']),
    );
    expect(at('workspaces members add')).toMatchObject({ session: false });
  });

  it('is the same behind another name, which is understood and not offered', () => {
    for (const [name, other] of [
      ['sessions ls', 'sessions list'],
      ['workspaces members rm', 'workspaces members delete'],
      ['ls', 'ps'],
    ] as const) {
      expect(at(other)).toEqual({ ...at(name), path: other });
    }
    expect(at('')?.names).toEqual(expect.arrayContaining(['ls', 'ps', 'list', 'rm', 'stop', 'run']));
    expect(at('')?.commands.map(({ word }) => word)).not.toContain('ps');
  });

  it('is a session where one is asked for, and a value behind an option that has one', () => {
    expect(places.filter(({ session }) => session).map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'exec',
        'shell',
        'logs',
        'jobs',
        'kill',
        'attach',
        'usage',
        'events',
        'sessions rm',
        'cost session',
      ]),
    );
    expect(at('run')?.valued).toEqual(expect.arrayContaining(['--package', '-e', '--profile']));
    expect(at('run')?.valued).not.toContain('--keep');
  });

  it('says of every command in every script', () => {
    for (const script of [bashScript, zshScript, fishScript].map((write) => write(places))) {
      for (const { name } of REGISTRY) expect(script).toContain(name);
    }
  });
});

it('describes every command in words', async () => {
  const silent = placesOf(await createProgram('all')).flatMap(({ path, commands, options }) =>
    [...commands, ...options].filter(({ help }) => help === '').map(({ word }) => `${path} ${word}`),
  );
  expect(silent).toEqual([]);
});
