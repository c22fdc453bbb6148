import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE, type RunningServer } from '../../acceptance/support/server.ts';
import { CLI, call, type Home } from './support/cli.ts';
import { closeServed, openServed } from './support/served.ts';

let server: RunningServer;
let home: Home;
let box: string;

beforeAll(async () => {
  ({ server, home } = await openServed());
  box = (await call(['sessions', 'create', '--quiet'], home)).stdout.trim();
});
afterAll(() => closeServed({ server, home }));

const started = async (command: string, ...flags: string[]): Promise<string> =>
  (await call(['exec', '-d', ...flags, box, '--', command], home)).stdout.trim();
const ended = async (command: string, ...flags: string[]): Promise<string> => {
  const id = await started(command, ...flags);
  await call(['wait', box, id], home);
  return id;
};
const logs = async (...args: string[]) => {
  const { code, stdout, stderr } = await call(['logs', ...args], home);
  return { code, stdout, stderr };
};
/** All bytes on one pipe, as `2>&1` gives them. */
const bytesOf = async (...args: string[]): Promise<Buffer> => {
  const line = `exec "$0" "$@" 2>&1`;
  const child = spawn('sh', ['-c', line, NODE, CLI, 'logs', ...args], {
    env: home.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  await once(child, 'close');
  return Buffer.concat(pieces);
};

const TIMED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (.*)$/;
const timed = (text: string): readonly (readonly [time: string, line: string])[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, time, rest] = TIMED.exec(line) ?? [];
      if (time === undefined || rest === undefined) throw new Error(`without a time: ${JSON.stringify(line)}`);
      return [time, rest] as const;
    });
const LINES = 'echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three';

describe('onmemos logs --timestamps', () => {
  it('begins each line with its time, on its own stream', async () => {
    const before = new Date().toISOString();
    const id = await ended(LINES);
    const { stdout, stderr, code } = await logs('-t', box, id);
    const [[one, ...first] = [], [three, ...third] = []] = timed(stdout);
    const [[two, ...second] = []] = timed(stderr);
    expect([code, first, second, third]).toEqual([0, ['one'], ['two'], ['three']]);
    const times = [before, one, two, three, new Date().toISOString()];
    expect(times).toEqual([...times].sort());
    expect(new Set(times).size).toBe(5);
    expect((await logs('--timestamps', '-f', box, id)).stdout).toBe(stdout);
  });

  it('keeps the time of the first byte of a line, and lines of both streams whole in one place', async () => {
    const id = await ended('printf "o1 "; sleep 0.2; printf "e1 " >&2; sleep 0.2; echo o2; sleep 0.2; echo e2 >&2');
    const all = timed((await bytesOf('-t', box, id)).toString());
    expect(all.map(([, line]) => line)).toEqual(['o1 o2', 'e1 e2']);
    const [[out = ''] = [], [err = ''] = []] = all;
    expect(out < err).toBe(true);
    expect(timed((await logs('-t', '--since', err, box, id)).stderr)).toEqual([[err, 'e1 e2']]);
  });

  it('works with bytes that are no UTF-8, empty lines, and a last line without an end', async () => {
    const id = await ended("printf '\\377\\n\\n\\303'; sleep 0.2; printf '\\244\\r\\nend'");
    const raw = (await bytesOf('-t', box, id)).toString('latin1');
    expect(raw.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z /g, '#')).toBe('#\xff\n#\n#\xc3\xa4\r\n#end');
  });

  it('follows, with --tail, to the end of the command', async () => {
    const id = await started('echo 1; echo 2; read line; echo "$line"; sleep 0.2; printf last', '-i');
    const following = logs('-t', '-f', '-n', '1', box, id);
    await call(['attach', box, id], { ...home, input: '3\n' });
    const { stdout, code } = await following;
    expect([code, stdout.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z /g, '#')]).toEqual([
      0,
      expect.stringMatching(/^(#2\n)?(#3\n)?#last$/),
    ]);
  });

  it('prints what came of a line when it is told to stop', async () => {
    const id = await started("printf 'whole\\nprompt'; sleep 100");
    const child = spawn(NODE, [CLI, 'logs', '-t', '-f', box, id], {
      env: home.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let printed = '';
    child.stdout.on('data', (piece: Buffer) => {
      printed += piece.toString();
      // It was read together with the whole line before it.
      if (printed.includes('whole\n')) child.kill('SIGINT');
    });
    await once(child, 'close');
    expect(printed).toMatch(/Z whole\n\S+Z prompt$/);
    await call(['kill', box, id], home);
  });
});

describe('onmemos logs --since', () => {
  it('leaves out what was printed before an instant', async () => {
    const id = await ended(LINES);
    const { stdout, stderr } = await logs('-t', box, id);
    const [[two = ''] = []] = timed(stderr);
    const [, [three = ''] = []] = timed(stdout);
    expect(await logs('--since', two, box, id)).toEqual({ code: 0, stdout: 'three\n', stderr: 'two\n' });
    expect(await logs('--since', three, box, id)).toEqual({ code: 0, stdout: 'three\n', stderr: '' });
    expect((await logs('--since', two, '-n', '1', box, id)).stdout).toBe('three\n');
    expect((await logs('--since', three, '-n', '5', box, id)).stdout).toBe('three\n');
    expect((await logs('--since', '2020-01-01', box, id)).stdout).toBe('one\nthree\n');
  });

  it('leaves out what was printed longer ago, and does not wait for what a running command has yet to print', async () => {
    const id = await started('echo early; sleep 2; read line; echo "$line"', '-i');
    expect((await logs('--since', '10m', box, id)).stdout).toMatch(/^(early\n)?$/);
    await new Promise((done) => setTimeout(done, 1_000));
    expect(await logs('--since', '0.5s', box, id)).toEqual({ code: 0, stdout: '', stderr: '' });
    const following = logs('--since', new Date().toISOString(), '-f', box, id);
    await call(['attach', box, id], { ...home, input: 'late\n' });
    expect((await following).stdout).toBe('late\n');
  });

  it('says what was dropped where that may be as new, and else not', async () => {
    const started = await fetch(`${server.url}/v1/sessions/${box}/execs`, {
      method: 'POST',
      headers: { 'X-API-Key': server.key, 'content-type': 'application/json' },
      body: JSON.stringify({ command: 'head -c 3000000 /dev/zero; echo; sleep 0.2; echo end', log_limit_mb: 1 }),
    });
    const { exec_id: id } = (await started.json()) as { exec_id: string };
    await call(['wait', box, id], home);
    expect((await logs('--since', '1h', box, id)).stderr).toMatch(/bytes of output were dropped here/);
    const [[last = ''] = []] = timed((await logs('-t', '-n', '1', box, id)).stdout);
    expect(await logs('--since', last, box, id)).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(['yesterday', '10', '', '2026-13-01T00:00:00Z'])('refuses %j before it asks the server', async (when) => {
    const { code, stderr } = await logs('--since', when, box);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/is not a time|is empty/)]);
  });

  it('of the future is refused by the server', async () => {
    const id = await ended('echo said');
    const { code, stderr } = await logs('--since', '9999-01-01', box, id);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/since: is in the future/)]);
  });
});
