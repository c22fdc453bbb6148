import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunOptions } from './here.ts';
import { COMMON, exclude, type Flag, type Noun, prints, type World } from './walk.ts';

let file = '';
const kept = (): { readonly profiles: Readonly<Record<string, Readonly<Record<string, string>>>> } =>
  JSON.parse(readFileSync(file, 'utf8'));
const options = ({ server }: World): RunOptions => ({ input: server.key });
const noted = ({ home }: World): void => {
  file = join(home.dir, 'config', 'onmemos', 'config.json');
};

export const login: Noun = {
  walk: {
    login: {
      line: (flags, world) => {
        noted(world);
        return ['login', '--url', world.server.url, ...flags];
      },
      flags: {
        '--url': {
          ...prints(({ server }) => [server.url], /Logged in at/),
          line: (flags) => ['login', ...flags],
          options,
        },
        '--profile': { ...prints(['other'], /Saved as profile other/), options },
        '--user': {
          values: ['ann'],
          seen: () => expect(Object.values(kept().profiles).map(({ user }) => user)).toContain('ann'),
          alone: true,
          options,
        },
      },
    },
  },
};

export const config: Noun = {
  walk: {
    'config ls': {
      line: async (flags, { quiet }) => {
        await quiet('config', 'set', 'user', 'ann');
        return ['config', 'ls', ...flags];
      },
      flags: { '--json': COMMON['--json'] as Flag, '--quiet': COMMON['--quiet'] as Flag },
    },
    'config get': {
      line: async (flags, { quiet }) => {
        await quiet('config', 'set', 'user', 'ann');
        await quiet('config', 'set', 'user', 'second', '--profile', 'lab');
        return ['config', 'get', 'user', ...flags];
      },
      flags: { '--profile': prints(['lab'], /^second$/m) },
    },
    'config set': {
      line: (flags) => ['config', 'set', 'user', 'ann', ...flags],
      flags: { '--profile': prints(['third'], /^Profile third: user is set/m) },
    },
    'config use': { line: () => ['config', 'use', 'default'], flags: {} },
    'config rm': { line: () => ['config', 'rm', 'default'], flags: {} },
  },
  pairs: {
    'config ls --json --quiet': exclude(['config', 'ls', '--json', '-q'], /--json and --quiet exclude each other/),
    'config ls with the address of a server': {
      line: () => ['--url', 'http://127.0.0.1:1', 'config', 'ls'],
      seen: ({ stderr }) => expect(stderr).toMatch(/has no option --url/),
    },
  },
};

export const completion: Noun = { walk: { completion: { line: () => ['completion', 'bash'], flags: {} } } };
