import { expect } from 'vitest';
import { SESSION_FLAGS } from './session-flags.ts';
import { COMMON, exclude, type Flag, type Noun, prints, refused, sends } from './walk.ts';

export const cleanup: Noun = {
  walk: {
    cleanup: { line: (flags) => ['cleanup', ...flags], flags: { ...COMMON, '--user': sends(['bob'], 'user', 'bob') } },
  },
};
export const packages: Noun = {
  walk: {
    'packages ls': { line: (flags) => ['packages', 'ls', ...flags], flags: COMMON },
    'packages get': { line: (flags) => ['packages', 'get', 'dev_micro', ...flags], flags: COMMON },
  },
};
export const providers: Noun = {
  walk: { 'providers ls': { line: (flags) => ['providers', 'ls', ...flags], flags: COMMON } },
};
export const version: Noun = { walk: { version: { line: (flags) => ['version', ...flags], flags: COMMON } } };

export const cost: Noun = {
  walk: {
    'cost estimate': { line: (flags) => ['cost', 'estimate', ...flags], flags: { ...COMMON, ...SESSION_FLAGS } },
    'cost session': { line: (flags, { box }) => ['cost', 'session', box, ...flags], flags: COMMON },
    'cost report': {
      line: (flags) => ['cost', 'report', ...flags],
      flags: {
        ...COMMON,
        '--by': sends(['user'], 'group_by', 'user'),
        '--from': sends(['2026-11-01'], 'from', '2026-11-01T00:00:00.000Z'),
        '--to': sends(['2026-11-02'], 'to', '2026-11-02T00:00:00.000Z'),
        '--user': sends(['bob'], 'user', 'bob'),
        '--workspace': sends(['ada/lab'], 'workspace_id', 'lab'),
      },
    },
  },
};

const TABLES = /CPU/g;

export const usage: Noun = {
  walk: {
    usage: {
      line: (flags, { box }) => ['usage', box, ...flags],
      flags: {
        ...COMMON,
        '--every': refused(['1s'], /--every is how often it measures with --watch/),
        '--watch': {
          values: [],
          alone: true,
          line: async (flags, { quiet, session }) => {
            const id = await session();
            setTimeout(() => void quiet('sessions', 'rm', '--force', id), 1_500);
            return ['usage', id, ...flags, '--every', '0.2s'];
          },
          seen: ({ code, stdout }) =>
            expect([code, (stdout.match(TABLES) ?? []).length > 1], stdout).toEqual([0, true]),
        },
      },
    },
  },
  pairs: {
    'usage --watch --every too often': exclude(['usage', 'box', '--watch', '--every', '0'], /--every 0 is too often/),
    'usage --json --quiet': exclude(['usage', 'box', '--json', '-q'], /--json and --quiet exclude each other/),
  },
};

export const top: Noun = {
  walk: {
    top: {
      line: (flags) => ['top', ...flags],
      flags: {
        ...COMMON,
        '--user': sends(['bob'], 'user', 'bob'),
        '--workspace': sends(['ada/lab'], 'workspace_id', 'lab'),
        '--every': refused(['1s'], /--every is for a terminal/),
        '--once': {
          values: [],
          alone: true,
          options: { terminal: true },
          seen: ({ code, stdout }) => expect([code, stdout.match(TABLES)?.length], stdout).toEqual([0, 1]),
        },
      },
    },
  },
  pairs: {
    'top --once --every': exclude(['top', '--once', '--every', '1s'], /--every is for a terminal/, { terminal: true }),
    'top --json --every': exclude(['top', '--json', '--every', '1s'], /--every is for a terminal/, { terminal: true }),
  },
};

export const events: Noun = {
  walk: {
    events: {
      line: (flags) => ['events', 'over', ...flags],
      flags: { ...COMMON, '--follow': prints([], /^Session ses-\w+ has ended\.$/m) },
    },
  },
  pairs: {
    'events --follow --json gives a line for each': {
      line: () => ['events', '-f', '--json', 'over'],
      seen: ({ stdout }) => {
        for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('id');
      },
    },
  },
};

export const doctor: Noun = {
  walk: {
    doctor: {
      line: (flags) => ['doctor', ...flags],
      flags: {
        '--url': COMMON['--url'] as Flag,
        '--profile': COMMON['--profile'] as Flag,
        '--json': COMMON['--json'] as Flag,
      },
    },
  },
};
