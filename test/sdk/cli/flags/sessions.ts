import { expect } from 'vitest';
import { SESSION_FLAGS } from './session-flags.ts';
import { asks, COMMON, exclude, type Flag, type Line, type Noun, prints, refused, sends } from './walk.ts';

const LIST: Readonly<Record<string, Flag>> = {
  ...COMMON,
  '--all': prints([], /terminated/),
  '--user': sends(['bob'], 'user', 'bob'),
  '--workspace': sends(['ada/lab'], 'workspace_owner', 'ada'),
  '--label': sends(['name=box'], 'label', 'name=box'),
  '--namespace': sends(['other'], 'namespace', 'other'),
};

/** Asked on a terminal, nobody answers. */
export const answered = (line: Line['line'], done: RegExp): Flag => ({
  values: [],
  line,
  options: { terminal: true },
  seen: (withIt, without) => {
    expect(`${withIt.stdout}${withIt.stderr}`).toMatch(done);
    expect([without.code === 0, without.stderr]).toEqual([false, expect.stringMatching(/\[y\/N\]/)]);
  },
});

const ending = (words: readonly string[]): Line => ({
  line: async (flags, { session }) => [...words, ...flags, await session()],
  flags: {
    ...COMMON,
    '--force': asks([], 'POST', /\/force-delete$/),
    '--all': { ...refused([], /no terminal on which to answer/), line: (flags) => [...words, ...flags] },
    '--yes': answered(
      async (flags, { session }) => [...words, ...flags, await session('--user', 'bob')],
      /Session ses-\w+ has ended/,
    ),
  },
});

export const ls: Noun = {
  walk: { ls: { line: (flags) => ['ls', ...flags], flags: LIST } },
  pairs: {
    'ls --json --format': exclude(['ls', '--json', '--format', '{id}'], /--format and --json exclude each other/),
    'ls --quiet --json': exclude(['ls', '-q', '--json'], /--json and --quiet exclude each other/),
    'ls --quiet -o wide': exclude(['ls', '-q', '-o', 'wide'], /--output wide and --quiet exclude each other/),
    'ls --json -o wide': exclude(['ls', '--json', '-o', 'wide'], /--output wide and --json exclude each other/),
    'ls --format -o table': exclude(['ls', '--format', '{id}', '-o', 'table'], /exclude each other/),
    '--json before ls, --quiet behind it': exclude(['--json', 'ls', '--quiet'], /exclude each other/),
    'ls --json -o json is one form': {
      line: () => ['ls', '--json', '-o', 'json'],
      seen: ({ stdout }) => expect(JSON.parse(stdout)).toEqual(expect.any(Array)),
    },
    'ls -o wide shows whole ids where a table shortens them': {
      line: () => ['ls', '-o', 'wide'],
      options: { terminal: true },
      seen: ({ stdout }) => expect(stdout).toMatch(/ses-[0-9a-z]{26} /),
    },
    'ls --label twice': exclude(['ls', '-l', 'a=b', '-l', 'c=d'], /--label can be given once/),
    'ls --user with an empty value': exclude(['ls', '--user', ''], /--user is empty/),
    'ls --user --workspace': {
      line: () => ['ls', '--user', 'bob', '-w', 'lab'],
      seen: ({ sent }) =>
        expect(sent.map(({ fields }) => [fields['user'], fields['workspace_id']])).toContainEqual(['bob', 'lab']),
    },
    'ls --all --quiet': {
      line: () => ['ls', '-a', '-q'],
      seen: ({ stdout }) => expect(stdout).toMatch(/^(ses-\w{26}\n)+$/),
    },
    'ls --url --profile': {
      line: () => ['ls', '--url', 'http://127.0.0.1:1', '--profile', 'nosuch'],
      seen: ({ stderr }) => expect(stderr).toMatch(/There is no profile "nosuch"/),
    },
  },
};

export const rm: Noun = {
  walk: { rm: ending(['rm']) },
  pairs: {
    'rm --all with a name': exclude(['rm', '--all', 'box'], /Say which sessions to end, or --all/),
    'rm --force --quiet': {
      line: async ({ session }) => ['rm', '-f', '-q', await session()],
      seen: ({ stdout, sent }) => {
        expect(stdout).toMatch(/^ses-\w{26}\n$/);
        expect(sent.some(({ path }) => path.endsWith('/force-delete'))).toBe(true);
      },
    },
  },
};

export const sessions: Noun = {
  walk: {
    'sessions ls': { line: (flags) => ['sessions', 'ls', ...flags], flags: LIST },
    'sessions rm': ending(['sessions', 'rm']),
    'sessions get': { line: (flags, { box }) => ['sessions', 'get', box, ...flags], flags: COMMON },
    'sessions create': {
      line: (flags) => ['sessions', 'create', ...flags],
      flags: { ...COMMON, ...SESSION_FLAGS, '--wait': sends(['7'], 'wait', '7') },
    },
    'sessions set': {
      line: (flags, { box }) => ['sessions', 'set', box, '--ttl', '25m', ...flags],
      flags: {
        ...COMMON,
        '--ttl': sends(['20m'], 'ttl_minutes', 20),
        '--label': sends(['k=v'], 'labels', { name: 'box', k: 'v' }),
      },
    },
  },
};
