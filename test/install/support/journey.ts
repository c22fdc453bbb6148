import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { keeperPids } from '../../acceptance/support/server.ts';
import { until } from '../../acceptance/support/until.ts';
import { type Person, type } from './person.ts';

/** `npm ci`, which says how much it installed and nothing else. */
export const installs = async (person: Person): Promise<void> => {
  const { code, printed } = await type(person, 'npm', 'ci').ended;
  expect([code, printed]).toEqual([0, expect.stringMatching(/^\s*added \d+ packages in \S+\s*$/)]);
};

/** Whether anything answers at a URL. */
const answers = async (url: string): Promise<boolean> =>
  fetch(`${url}/health`).then(
    () => true,
    () => false,
  );

/**
 * `npm start`, a command in a session by `./onmemos`, and the end by a signal to npm: TERM is what a container's stop sends.
 * @returns what the start printed
 */
export const startsAndStops = async (person: Person, signal: NodeJS.Signals = 'SIGTERM'): Promise<string> => {
  const dataDir = person.env['ONMEMOS_DATA_DIR'] ?? '';
  const server = type(person, 'npm', 'start');
  const url = await until('it serves or ends', async () => {
    const served = /serves at (http:\S+)/.exec(server.printed())?.[1];
    return served ?? (server.child.exitCode !== null && '');
  });
  expect([url, server.printed()]).toEqual([expect.stringMatching(/^http:/), expect.stringContaining('Paste next')]);
  try {
    const { code, printed } = await type(person, './onmemos', 'run', '--quiet', '--', 'echo hello').ended;
    expect([code, printed]).toEqual([0, expect.stringMatching(/(^|\n)hello\n$/)]);
    const version = await type(person, 'node_modules/.bin/onmemos', 'version', '--json').ended;
    expect(JSON.parse(version.printed)).toMatchObject({ node: expect.stringMatching(/^26\./), server: { url } });
  } finally {
    server.child.kill(signal);
  }
  await until('the server has ended with npm', async () => !(await answers(url)));
  await server.ended;
  await until('the keeper has gone', async () => (await keeperPids(dataDir)).length === 0);
  await expect(stat(join(person.dataDir, 'server.json'))).rejects.toThrow('ENOENT');
  expect((await stat(join(person.dataDir, 'admin.key'))).mode & 0o777).toBe(0o600);
  return server.printed();
};

/** `npm test`, of one file. */
export const tests = async (person: Person): Promise<void> => {
  const { code, printed } = await type(person, 'npm', 'test', '--', 'shared/domain/names.test.ts').ended;
  expect([code, printed]).toEqual([0, expect.stringMatching(/^[1-9]\d* passed, 0 failed$/m)]);
};
