import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../acceptance/support/server.ts';
import { call, type Home } from './support/cli.ts';
import { closeServed, openServed } from './support/served.ts';
import { cliTerminal } from './support/terminal.ts';

let server: RunningServer;
let home: Home;

beforeAll(async () => {
  ({ server, home } = await openServed());
});
afterAll(() => closeServed({ server, home }));

describe('a command that runs detached', () => {
  it('prints the id of its session, is waited for, and ends the waiting with its code', async () => {
    const started = await call(
      ['run', '-d', '--name', 'back', '--', 'seq 2000; until test -e go; do sleep 0.1; done; exit 7'],
      home,
    );
    const id = started.stdout.trim();
    expect(id).toMatch(/^ses-[0-9a-z]{26}$/);
    expect(started.stderr).toContain(`\`onmemos wait ${id}\``);
    const early = await call(['wait', 'back', '--timeout', '1s'], home);
    expect([early.code, early.stderr]).toEqual([124, expect.stringContaining('--timeout')]);
    const jobs = (await call(['jobs', 'back', '--quiet'], home)).stdout.trim().split('\n');
    const [first = ''] = jobs;
    expect(jobs).toHaveLength(1);
    // The last command that runs is meant, not one that has ended since.
    await call(['exec', 'back', '--', 'true'], home);
    expect((await call(['logs', 'back', '-n', '1'], home)).stdout).toBe('2000\n');
    // Named by its id: the touch becomes the last command that runs.
    const waiting = call(['wait', 'back', first], home);
    await call(['exec', 'back', '--', 'touch go'], home);
    expect((await waiting).code).toBe(7);
    expect((await call(['wait', 'back', first], home)).code).toBe(7);
    expect((await call(['wait', 'back'], home)).code).toBe(0);
    expect((await call(['logs', 'back', first, '--tail', '2'], home)).stdout).toBe('1999\n2000\n');
    expect((await call(['logs', 'back', first, '-n', '0'], home)).stdout).toBe('');
    expect((await call(['logs', 'back', first, '-n', '5000'], home)).stdout.split('\n')).toHaveLength(2001);
    const ended = call(['wait', '--session', 'back'], home);
    await call(['rm', 'back'], home);
    expect((await ended).code).toBe(0);
  });

  it('that can not be started leaves no session', async () => {
    const { code, stdout } = await call(['run', '-d', '--', '/nonexistent', 'x'], home);
    expect([code, stdout]).toEqual([127, '']);
    expect((await call(['ls', '-q'], home)).stdout).toBe('');
  });
});

it('variables of a file reach a command, and -e comes after them', async () => {
  const file = join(home.dir, 'x.env');
  await writeFile(file, '# ours\r\nA=1\r\nexport B="two words"\r\n');
  const show = ['--', 'echo "$A $B"'];
  expect((await call(['run', '-q', '--env-file', file, ...show], home)).stdout).toBe('1 two words\n');
  const id = (await call(['sessions', 'create', '-q', '--env-file', file], home)).stdout.trim();
  expect((await call(['exec', id, ...show], home)).stdout).toBe('1 two words\n');
  expect((await call(['exec', '--env-file', file, '-e', 'A=9', id, ...show], home)).stdout).toBe('9 two words\n');
  await writeFile(file, 'A=1\nnot a pair\n');
  const refused = await call(['run', '--env-file', file, ...show], home);
  expect([refused.code, refused.stderr]).toEqual([
    125,
    expect.stringContaining(`${file}, line 2: this is not KEY=VALUE.`),
  ]);
  await call(['rm', id], home);
});

describe('top', () => {
  it.each([
    ['q', 0],
    ['\u0003', 130],
  ])('draws the live sessions until %j', async (key, code) => {
    const id = (await call(['sessions', 'create', '-q', '--name', 'busy'], home)).stdout.trim();
    const screen = cliTerminal(['top', '--every', '1s'], { ...home, cols: 80 });
    await screen.see('PROCESSES');
    await screen.see(id.slice(0, 14));
    await screen.see(id.slice(0, 14));
    screen.type(key);
    expect((await screen.ended).code).toBe(code);
    for (const line of screen.text().split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    await call(['rm', id], home);
  });

  it('prints one table where there is no terminal', async () => {
    const id = (await call(['sessions', 'create', '-q', '--name', 'busy'], home)).stdout.trim();
    const { code, stdout } = await call(['top'], home);
    expect([code, stdout.split('\n')]).toEqual([
      0,
      [expect.stringMatching(/^ID +NAME/), expect.stringContaining(id), ''],
    ]);
    const [one] = JSON.parse((await call(['top', '--json'], home)).stdout) as { usage: { processes: number } }[];
    expect(one?.usage.processes).toBeTypeOf('number');
    await call(['rm', id], home);
  });
});
