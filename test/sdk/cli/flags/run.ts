import { expect } from 'vitest';
import { SESSION_FLAGS } from './session-flags.ts';
import { COMMON, exclude, type Flag, type Noun, prints, sends, TARGET } from './walk.ts';

/** How a command is started, in a session of its own or in one that is there. */
export const START_FLAGS: Readonly<Record<string, Flag>> = {
  '--no-input': sends([], 'stdin', false),
  '--interactive': { ...sends([], 'stdin', true), options: { terminal: true } },
  '--cwd': sends(['/tmp'], 'cwd', '/tmp'),
  '--shell': sends(['bash'], 'shell', 'bash'),
  '--timeout': sends(['9s'], 'timeout', 9),
  '--tty': sends([], 'tty', { cols: 80, rows: 24 }),
  '--json': COMMON['--json'] as Flag,
};

export const run: Noun = {
  walk: {
    run: {
      line: (flags) => ['run', ...flags, '--', 'true'],
      flags: {
        ...SESSION_FLAGS,
        ...TARGET,
        ...START_FLAGS,
        '--detach': prints([], /goes on until/),
        '--keep': prints([], /is kept until/),
        '--quiet': {
          values: [],
          seen: (withIt, without) => {
            expect(withIt.stderr).not.toMatch(/onmemos: session ses-/);
            expect(without.stderr).toMatch(/onmemos: session ses-/);
          },
        },
      },
    },
  },
  pairs: {
    'run --interactive --tty': exclude(['run', '-i', '-t', '--', 'true'], /cannot be used with option '-t, --tty'/),
    'run --interactive --no-input': exclude(
      ['run', '-i', '--no-input', '--', 'true'],
      /cannot be used with option '--no-input'/,
    ),
    'run --tty --json gives what the terminal printed': {
      line: () => ['run', '-t', '--json', '--', 'tty'],
      seen: ({ code, stdout }) =>
        expect([code, JSON.parse(stdout)]).toEqual([
          0,
          expect.objectContaining({ stdout: expect.stringMatching(/^\/dev\/pts/) }),
        ]),
    },
    'run --detach --json gives the record of the command': {
      line: () => ['run', '-d', '--json', '--', 'true'],
      seen: ({ stdout, stderr }) => {
        expect(JSON.parse(stdout)).toMatchObject({ exec_id: expect.any(String), session_id: expect.any(String) });
        expect(stderr).not.toMatch(/goes on until/);
      },
    },
    'run --detach --quiet prints the id alone': {
      line: () => ['run', '-d', '-q', '--', 'true'],
      seen: ({ stdout, stderr }) => {
        expect(stdout).toMatch(/^ses-\w{26}\n$/);
        expect(stderr).not.toMatch(/goes on until/);
      },
    },
    'run --detach --interactive leaves stdin open': {
      line: () => ['run', '-d', '-i', '--', 'cat'],
      seen: ({ sent }) => expect(sent.map(({ fields }) => fields['stdin'])).toContain(true),
    },
    'run --detach --timeout': {
      line: () => ['run', '-d', '--timeout', '3s', '--', 'true'],
      seen: ({ sent }) => expect(sent.map(({ fields }) => fields['timeout'])).toContain(3),
    },
    'run --keep --json keeps it and says so beside the answer': {
      line: () => ['run', '--keep', '--json', '--', 'true'],
      seen: ({ stdout, stderr }) => {
        expect(JSON.parse(stdout)).toMatchObject({ returncode: 0 });
        expect(stderr).toMatch(/is kept until/);
      },
    },
    'run --env-file --env: the variable of the line comes after the file': {
      line: async ({ home }) => {
        const values = SESSION_FLAGS['--env-file']?.values;
        const file = typeof values === 'function' ? await values({ home } as never) : [];
        return ['run', '--env-file', ...file, '-e', 'FROM=line', '--', 'true'];
      },
      seen: ({ sent }) => expect(sent.map(({ fields }) => fields['env'])).toContainEqual({ FROM: 'line' }),
    },
    'run --name --label': {
      line: () => ['run', '--name', 'n', '-l', 'k=v', '--', 'true'],
      seen: ({ sent }) => expect(sent.map(({ fields }) => fields['labels'])).toContainEqual({ k: 'v', name: 'n' }),
    },
    'run --user with an empty value': exclude(['run', '--user', '', '--', 'true'], /--user is empty/),
    'run --volume 0': exclude(['run', '--volume', '0', '--', 'true'], /is no size for storage/),
  },
};
