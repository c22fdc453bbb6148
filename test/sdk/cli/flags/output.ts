import { join } from 'node:path';
import { expect } from 'vitest';
import { COMMON, exclude, type Flag, type Noun, prints, refused, TARGET } from './walk.ts';

export const attach: Noun = {
  walk: {
    attach: {
      line: (flags, { box }) => ['attach', ...flags, box],
      flags: {
        ...TARGET,
        '--replay': {
          ...prints([], /said/),
          line: async (flags, { box, quiet }) => {
            await quiet('exec', box, '--', 'echo said');
            return ['attach', ...flags, box];
          },
        },
        '--no-input': {
          values: [],
          options: { input: 'typed\n' },
          line: async (flags, { box, quiet }) => {
            const id = await quiet('exec', '-d', '-i', box, '--', 'timeout 2 cat; true');
            return ['attach', ...flags, box, id];
          },
          seen: (withIt, without) => {
            expect(without.stdout).toContain('typed');
            expect(withIt.stdout).not.toContain('typed');
          },
        },
      },
    },
  },
};

export const cp: Noun = {
  walk: {
    cp: {
      line: (flags, { box, home }) => ['cp', ...flags, `${box}:note`, join(home.dir, 'note')],
      flags: {
        ...TARGET,
        '--json': COMMON['--json'] as Flag,
        '--quiet': {
          values: [],
          seen: (withIt, without) => {
            expect(withIt).toMatchObject({ code: 0, stdout: '', stderr: '' });
            expect(without.stderr).toMatch(/^Copied 1 file/);
          },
        },
      },
    },
  },
  pairs: {
    'cp --json to a stream': exclude(['cp', '--json', 'box:note', '-'], /the copy itself is on stdout/),
    'cp --json --quiet gives the answer alone': {
      line: ({ box, home }) => ['cp', '--json', '-q', `${box}:note`, join(home.dir, 'note')],
      seen: ({ stdout, stderr }) => expect([JSON.parse(stdout).files, stderr]).toEqual([1, '']),
    },
  },
};

export const logs: Noun = {
  walk: {
    logs: {
      line: (flags, { box }) => ['logs', ...flags, box],
      flags: {
        ...TARGET,
        '--follow': {
          ...prints([], /later/),
          line: async (flags, { box, exec }) => ['logs', ...flags, box, await exec(box, 'sleep 1; echo later')],
        },
        '--tail': {
          values: ['1'],
          line: async (flags, { box, quiet }) => {
            await quiet('exec', box, '--', 'echo 1; echo 2');
            return ['logs', ...flags, box];
          },
          seen: (withIt, without) => expect([withIt.stdout, without.stdout]).toEqual(['2\n', '1\n2\n']),
        },
        '--since': {
          // The values of a flag are made before its line: nothing is printed as late as this.
          values: () => [new Date(Date.now() + 50_000).toISOString()],
          line: async (flags, { box, quiet }) => {
            await quiet('exec', box, '--', 'echo said');
            return ['logs', ...flags, box];
          },
          seen: (withIt, without) => expect([withIt.stdout, without.stdout]).toEqual(['', 'said\n']),
        },
        '--timestamps': {
          values: [],
          line: async (flags, { box, quiet }) => {
            await quiet('exec', box, '--', 'echo timed');
            return ['logs', ...flags, box];
          },
          seen: (withIt, without) => {
            expect(withIt.stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z timed\n$/);
            expect(without.stdout).toBe('timed\n');
          },
        },
      },
    },
  },
  pairs: {
    'logs --since --timestamps --tail': {
      line: async ({ box, quiet }) => {
        await quiet('exec', box, '--', 'echo 1; echo 2; echo 3');
        return ['logs', '--since', '10m', '-t', '-n', '2', box];
      },
      seen: ({ stdout }) => expect(stdout).toMatch(/^\S+Z 2\n\S+Z 3\n$/),
    },
    'logs --since with no time': exclude(['logs', '--since', 'yesterday', 'box'], /"yesterday" is not a time/),
    'logs --follow --tail': {
      line: async ({ box, exec }) => ['logs', '-f', '-n', '1', box, await exec(box, 'echo 1; echo 2; sleep 1; echo 3')],
      seen: ({ stdout }) => expect(stdout).toMatch(/(?<!1\n)2?\n?3\n$/),
    },
  },
};

export const wait: Noun = {
  walk: {
    wait: {
      line: (flags, { box }) => ['wait', ...flags, box],
      flags: {
        ...TARGET,
        '--session': {
          values: [],
          line: async (flags, { quiet, run, session }) => {
            const id = await session();
            await run(['exec', id, '--', 'exit 7']);
            await quiet('sessions', 'rm', id);
            return ['wait', ...flags, id];
          },
          seen: (withIt, without) => expect([withIt.code, without.code]).toEqual([0, 7]),
        },
        '--timeout': {
          ...refused(['0.5s'], /has not ended within --timeout/),
          line: async (flags, { box, exec }) => ['wait', ...flags, box, await exec(box, 'sleep 2')],
        },
      },
    },
  },
  pairs: {
    'wait --session COMMAND': exclude(['wait', '--session', 'box', 'exe-1'], /--session waits for the session/),
    'wait --timeout ends with 124': {
      line: async ({ box, exec }) => ['wait', '--timeout', '0.2s', box, await exec(box, 'sleep 2')],
      seen: ({ code }) => expect(code).toBe(124),
    },
    'wait for a session that is not there ends with 125': {
      line: () => ['wait', 'nobody'],
      seen: ({ code }) => expect(code).toBe(125),
    },
    'wait --session for one that is not there ends with 3': {
      line: () => ['wait', '--session', 'nobody'],
      seen: ({ code }) => expect(code).toBe(3),
    },
  },
};

export const jobs: Noun = {
  walk: {
    jobs: {
      line: async (flags, { box, quiet }) => {
        await quiet('cp', `${box}:note`, '-');
        return ['jobs', ...flags, box];
      },
      flags: { ...COMMON, '--all': prints([], /onmemos-cp/) },
    },
  },
};

export const kill: Noun = {
  walk: {
    kill: {
      line: async (flags, { box, exec }) => ['kill', ...flags, box, await exec(box, 'sleep 100')],
      flags: { ...COMMON, '--signal': prints(['USR1'], /Sent USR1 to exe-/) },
    },
  },
  pairs: { 'kill --signal with an empty value': exclude(['kill', '-s', '', 'box', 'exe-1'], /--signal is empty/) },
};
