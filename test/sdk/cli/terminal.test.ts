import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../acceptance/support/server.ts';
import { call, type Home } from './support/cli.ts';
import { closeServed, openServed } from './support/served.ts';
import { cliTerminal } from './support/terminal.ts';
import { eventually } from './support/tidy.ts';

let server: RunningServer;
let home: Home;

beforeAll(async () => {
  ({ server, home } = await openServed());
});
afterAll(() => closeServed({ server, home }));

const liveSessions = async (): Promise<string[]> =>
  (await call(['sessions', 'ls', '--quiet'], home)).stdout.split('\n').filter((line) => line !== '');

describe('a person at a terminal', () => {
  it('types in a shell of its own session, which ends with it, and gets its code', async () => {
    const screen = cliTerminal(['shell', '--template', 'alpine'], { ...home, cols: 91, rows: 27 });
    await screen.see(/[#$] /);
    screen.type('test -t 0 && test -t 1 && echo "in $((6 * 7))"; stty size\r');
    await screen.see('in 42');
    await screen.see('27 91');
    screen.resize(133, 41);
    screen.type('sleep 0.3; stty size\r');
    await screen.see('41 133');
    screen.type('sleep 1000\r');
    await screen.see('sleep 1000');
    screen.type('\u0003');
    screen.type('echo still-"here"\r');
    await screen.see('still-here');
    expect(await liveSessions()).toHaveLength(1);
    screen.type('exit 7\r');
    expect(await screen.ended).toEqual({ code: 7, signal: 0 });
    expect(screen.text()).toMatch(/onmemos: session ses-[0-9a-z]{26}, .*s, \$0\.00/);
    expect(await liveSessions()).toEqual([]);
  });

  it('leaves a shell by Ctrl-] and comes back to it', async () => {
    const made = await call(['sessions', 'create', '--quiet', '--ttl', '10m'], home);
    const id = made.stdout.trim();
    const first = cliTerminal(['shell', id], home);
    await first.see(/[#$] /);
    first.type('here=kept-value; echo set-"it"\r');
    await first.see('set-it');
    // Queries: a terminal that is asked again answers into the shell.
    first.type('printf \'\\033[6n\\033[c\\033]11;?\\007\'; echo asked-"all"\r');
    await first.see('asked-all');
    expect(first.raw()).toContain('\u001b[6n');
    first.type('\u001d');
    expect((await first.ended).code).toBe(0);
    expect(first.text()).toContain(`onmemos attach ${id}`);

    const second = cliTerminal(['attach', id.slice(0, 20)], { ...home, cols: 77, rows: 20 });
    await second.see('set-it');
    await second.see('asked-all');
    for (const query of ['\u001b[6n', '\u001b[c', '\u001b]11;?']) expect(second.raw()).not.toContain(query);
    second.type('echo again-$here\r');
    await second.see('again-kept-value');
    second.type('stty size\r');
    await second.see('20 77');
    second.type('exit 3\r');
    expect((await second.ended).code).toBe(3);
    await call(['sessions', 'rm', id], home);
  });

  it('interrupts a command by Ctrl-C, and gets its answer to it', async () => {
    const screen = cliTerminal(
      ['run', '--', "trap 'echo got-it; exit 9' INT; echo ready; while :; do sleep 0.1; done"],
      home,
    );
    await screen.see('ready');
    screen.type('\u0003');
    await screen.see('got-it');
    expect((await screen.ended).code).toBe(9);
    expect(await liveSessions()).toEqual([]);
  });

  it('ends the session of a command that will not listen by a second Ctrl-C', async () => {
    const screen = cliTerminal(['run', '--', "trap '' INT; echo ready; while :; do sleep 0.1; done"], home);
    await screen.see('ready');
    screen.type('\u0003');
    await screen.see('Ctrl-C again ends the session');
    // A second one at once is taken for an echo of the first.
    await pause(500);
    screen.type('\u0003');
    expect((await screen.ended).code).toBe(130);
    expect(await liveSessions()).toEqual([]);
  });

  it('hangs up, and the session ends as the command does', async () => {
    const screen = cliTerminal(['run', '-t', '--', 'echo ready; sleep 1000'], home);
    await screen.see('ready');
    screen.kill('SIGHUP');
    expect((await screen.ended).code).toBe(129);
    await eventually(liveSessions, (ids) => ids.length === 0, 'no session');
  });

  it('sees progress and colours on a terminal, and none of either elsewhere', async () => {
    const id = (await call(['sessions', 'create', '--quiet', '--ttl', '10m'], home)).stdout.trim();
    const screen = cliTerminal(['sessions', 'ls'], home);
    await screen.ended;
    expect(screen.raw()).toContain('\u001b[32mrunning\u001b[39m');
    const plain = cliTerminal(['sessions', 'ls'], { ...home, env: { ...home.env, NO_COLOR: '1' } });
    await plain.ended;
    expect(plain.text()).toContain('running');
    expect(plain.raw()).not.toContain('\u001b[3');
    const slow = cliTerminal(['exec', '-t', id, '--', 'tput cols; printf "\\033[31mred\\033[0m"'], {
      ...home,
      cols: 64,
    });
    expect((await slow.ended).code).toBe(0);
    expect(slow.raw()).toContain('\u001b[31mred');
    expect(slow.text()).toContain('64');
    const piped = await call(['sessions', 'ls'], home);
    expect(piped.stdout).toContain('running');
    expect(`${piped.stdout}${piped.stderr}`).not.toContain('\u001b');
    await call(['sessions', 'rm', id], home);
  });
});
