import { expect } from 'vitest';
import { START_FLAGS } from './run.ts';
import { SESSION_FLAGS } from './session-flags.ts';
import { exclude, type Flag, type Noun, prints, TARGET } from './walk.ts';

export const exec: Noun = {
  walk: {
    exec: {
      line: (flags, { box }) => ['exec', ...flags, box, '--', 'true'],
      flags: {
        ...TARGET,
        ...START_FLAGS,
        '--env': SESSION_FLAGS['--env'] as Flag,
        '--env-file': SESSION_FLAGS['--env-file'] as Flag,
        '--detach': prints([], /^exe-\w{26}$/m),
      },
    },
  },
  pairs: {
    'exec --interactive --no-input': exclude(
      ['exec', '-i', '--no-input', 'box', '--', 'true'],
      /cannot be used with option '--no-input'/,
    ),
    'exec --detach --json gives the record': {
      line: ({ box }) => ['exec', '-d', '--json', box, '--', 'true'],
      seen: ({ stdout }) => expect(JSON.parse(stdout)).toMatchObject({ exec_id: expect.any(String) }),
    },
    'exec --detach --tty leaves the keys to attach': {
      line: ({ box }) => ['exec', '-d', '-t', box, '--', 'true'],
      seen: ({ sent }) =>
        expect(sent.map(({ fields }) => [fields['stdin'], fields['tty']])).toContainEqual([
          true,
          { cols: 80, rows: 24 },
        ]),
    },
    'exec --detach --timeout': {
      line: ({ box }) => ['exec', '-d', '--timeout', '3s', box, '--', 'true'],
      seen: ({ sent }) => expect(sent.map(({ fields }) => fields['timeout'])).toContain(3),
    },
  },
};
