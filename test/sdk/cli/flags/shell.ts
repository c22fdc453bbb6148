import { expect } from 'vitest';
import { SESSION_FLAGS } from './session-flags.ts';
import { exclude, type Flag, type Noun, refused, TARGET } from './walk.ts';

const ON_TERMINAL = { options: { terminal: true } };
const onTerminal = (flags: Readonly<Record<string, Flag>>): Record<string, Flag> =>
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { ...flag, ...ON_TERMINAL }]));
const FOR_NEW = /is for a session that is created, and one is named/;

export const shell: Noun = {
  walk: {
    shell: {
      // The session is asked for and refused, so that no terminal is needed.
      line: (flags) => ['shell', '--gpu', 't9', ...flags],
      flags: onTerminal({
        ...SESSION_FLAGS,
        ...TARGET,
        '--keep': {
          ...refused([], FOR_NEW),
          line: (flags, { box }) => ['shell', ...flags, box, ...(flags[0] ? [] : ['x'])],
        },
        '--quiet': {
          values: [],
          // What it says is of the end of a session, and of that the test of terminals is.
          seen: ({ stderr }) => expect(stderr).not.toMatch(/unknown option/),
        },
      }),
    },
  },
  pairs: Object.fromEntries(
    [['--package', 'x'], ['--ttl', '5m'], ['--name', 'x'], ['--user', 'x'], ['--keep']].map((flags) => [
      `shell SESSION ${flags[0]}`,
      exclude(['shell', 'box', ...flags], FOR_NEW, { terminal: true }),
    ]),
  ),
};
