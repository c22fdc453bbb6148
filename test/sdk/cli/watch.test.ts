import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../acceptance/support/server.ts';
import { call, type Home, launch } from './support/cli.ts';
import { closeServed, openServed } from './support/served.ts';
import { cliTerminal } from './support/terminal.ts';
import { eventually } from './support/tidy.ts';

let server: RunningServer;
let home: Home;
let session: string;

beforeAll(async () => {
  ({ server, home } = await openServed());
});
afterAll(() => closeServed({ server, home }));
beforeEach(async () => {
  session = (await call(['sessions', 'create', '--quiet', '--ttl', '10m', '--name', 'watched'], home)).stdout.trim();
});

const end = () => call(['sessions', 'rm', session], home);

describe('what is watched until a session ends', () => {
  it('is what happens to it', async () => {
    const events = launch(['events', '-f', 'watched'], home);
    await eventually(events.stdout, (text) => text.includes('session.running'), 'the event of its start');
    await call(['exec', session, '--', 'true'], home);
    await eventually(events.stdout, (text) => text.includes('execs.start'), 'the event of a command');
    await end();
    const { code, stdout, stderr } = await events.ended;
    expect([code, stderr]).toEqual([0, `Session ${session} has ended.\n`]);
    const lines = stdout.trimEnd().split('\n');
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.at(-1)).toMatch(/terminated|deleted|ended/);
  });

  it('is what it uses, as lines for scripts and in place on a terminal', async () => {
    const lines = launch(['usage', '--watch', '--every', '1s', '--json', session], home);
    const screen = cliTerminal(['usage', '--watch', '--every', '1s', session], home);
    await eventually(lines.stdout, (text) => text.split('\n').length > 3, 'three measurements');
    await screen.see(/Memory: .* of .*Gi/);
    await screen.see(/Memory: .* of .*Gi/);
    await end();
    const measured = (await lines.ended).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    for (const one of measured) expect(one).toHaveProperty('memory_mb');
    expect((await screen.ended).code).toBe(0);
    // Four lines up, to be written over.
    expect(screen.raw()).toContain('\u001b[4A');
  });

  it('is a command, and why it ended is said', async () => {
    const exec = launch(['exec', session, '--', 'echo ready; sleep 1000'], home);
    const deaf = launch(['exec', session, '--', "trap '' TERM; echo ready; while :; do sleep 0.1; done"], home);
    for (const one of [exec, deaf]) await eventually(one.stdout, (text) => text.includes('ready'), 'ready');
    await end();
    for (const one of [exec, deaf]) {
      const { code, stderr } = await one.ended;
      expect(code).toBe(one === exec ? 143 : 137);
      expect(stderr).toContain(
        `session ${session} has ended, and the command with it: The session was ended on request.`,
      );
    }
  });
});
