import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnMemOSClient } from '../../sdk/typescript/src/index.ts';
import { NODE, personEnv, type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { until } from '../acceptance/support/until.ts';
import { fetched, RUNTIMES } from '../support/runtimes.ts';
import { NO_FAULTS, type Plan } from './faults/plan.ts';
import { startFaultProxy } from './faults/proxy.ts';
import { compile, type InstalledPackage, installedPackage } from './typescript/installed.ts';

interface Platform {
  readonly name: string;
  /** Program and arguments before `holder.js`. */
  readonly command: readonly string[];
}

const deno = await fetched(RUNTIMES['Deno']);
const bun = await fetched(RUNTIMES['Bun']);
const DENO = ['--allow-env', '--allow-net=127.0.0.1', '--allow-read', '--no-lock', '--node-modules-dir=manual'];
const PLATFORMS: readonly Platform[] = [
  { name: 'Node', command: [NODE] },
  ...(deno ? [{ name: 'Deno', command: [deno, 'run', ...DENO, '--no-prompt', '--cached-only'] }] : []),
  ...(bun ? [{ name: 'Bun', command: [bun] }] : []),
];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

let installed: InstalledPackage;
let server: RunningServer;
let client: OnMemOSClient;
let marks = 0;

beforeAll(async () => {
  [installed, server] = await Promise.all([installedPackage(), startServer()]);
  client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key });
  await copyFile(join(import.meta.dirname, 'typescript', 'holder.ts'), join(installed.folder, 'holder.ts'));
  await compile(installed.folder, ['holder.ts']);
});
afterAll(async () => {
  await stopServer(server);
  await installed.remove();
});

interface Program {
  readonly child: ChildProcess;
  readonly mark: string;
  readonly printed: () => string;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

const started = (mode: string, { command }: Platform = PLATFORMS[0] as Platform, url = server.url): Program => {
  const mark = `mark-${marks++}`;
  const [program = '', ...args] = [...command, 'holder.js', mode, url, server.key, mark];
  const env = { ...personEnv(), DENO_NO_UPDATE_CHECK: '1' };
  const child = spawn(program, args, { cwd: installed.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Awaited<Program['ended']>);
  return { child, mark, printed: () => text, ended };
};
const says = (program: Program, words: RegExp, times = 1): Promise<unknown> =>
  until(`${words} in ${program.printed()}`, async () => program.printed().split(words).length > times);
/** How a program ends that a signal ended. */
const endedBy = (signal: Signal) => ({ code: null, signal });
const sessionsOf = async ({ mark }: Program) => {
  const all = await client.sessions.list({ user: 'signalled', label: `mark=${mark}` }).all();
  return all.map(({ status }) => status);
};
const isLive = (status: string): boolean => status === 'creating' || status === 'running';

describe.each(PLATFORMS)('a program on $name that is told to end', (platform) => {
  it.each(SIGNALS)('by %s ends the sessions of its blocks, then as it would', async (signal) => {
    const program = started('running', platform);
    await says(program, /holds/);
    await pause(100);
    program.child.kill(signal);
    expect(await program.ended).toEqual(endedBy(signal));
    expect(program.printed()).not.toContain('went on');
    const statuses = await sessionsOf(program);
    expect([statuses.length, statuses.filter(isLive)]).toEqual([2, []]);
  });

  it('goes on with its own handler, and ends its session by itself', async () => {
    const program = started('own', platform);
    await says(program, /holds/);
    program.child.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 7, signal: null });
    expect(program.printed()).toMatch(/still running\nleft\n$/);
    expect(await sessionsOf(program)).toEqual(['terminated']);
  });

  it('keeps no listener once nothing is held', async () => {
    const program = started('over', platform);
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.printed()).toBe('while 1\nafter 0\n');
  });

  // A signal that comes as a call ends would be lost if the listeners were removed then.
  it('keeps its listeners for a moment after that, and ends without waiting for them', async () => {
    const program = started('last', platform);
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.printed()).toBe('left 1\nexit 1\n');
  });

  it.each(SIGNALS)('by %s ends at once just after nothing is held', async (signal) => {
    const program = started('idle', platform);
    await says(program, /idle/);
    program.child.kill(signal);
    expect(await program.ended).toEqual(endedBy(signal));
  });
});

describe('a program that is told to end', () => {
  it.each([0, 5, 20, 60, 150])('%i ms after it began to create leaves no session', async (ms) => {
    // The answer is on its way for longer than the program lives.
    const slow: Plan = { next: () => ({ kind: 'delay', beforeMs: 30, afterMs: 200 }) };
    const proxy = await startFaultProxy(server.url, slow);
    const program = started('creating', PLATFORMS[0], proxy.url);
    await says(program, /creating/);
    await pause(ms);
    program.child.kill('SIGTERM');
    expect(await program.ended).toEqual(endedBy('SIGTERM'));
    expect((await sessionsOf(program)).filter(isLive)).toEqual([]);
    await proxy.stop();
    // Nor does one come later.
    expect((await sessionsOf(program)).filter(isLive)).toEqual([]);
  });

  it('ends all sessions that its blocks hold, and takes a second signal for the same', async () => {
    const program = started('several');
    await says(program, /holds/, 3);
    program.child.kill('SIGINT');
    program.child.kill('SIGINT');
    program.child.kill('SIGTERM');
    expect((await program.ended).code).toBeNull();
    const statuses = await sessionsOf(program);
    expect([statuses.length, statuses.filter(isLive)]).toEqual([3, []]);
  });

  it('while it leaves a block ends that session', async () => {
    const program = started('leaving');
    await says(program, /leaves/);
    program.child.kill('SIGTERM');
    await program.ended;
    expect((await sessionsOf(program)).filter(isLive)).toEqual([]);
  });

  it('ends the command that it waits for, and leaves a session that no block holds', async () => {
    const program = started('command');
    await says(program, /made/);
    const [session] = await client.sessions.list({ user: 'signalled', label: `mark=${program.mark}` }).all();
    if (!session) throw new Error('no session');
    await until('the command runs', async () => (await session.run('cat started')).stdout.includes(program.mark));
    program.child.kill('SIGTERM');
    expect(await program.ended).toEqual(endedBy('SIGTERM'));
    // The server may record the end a moment after the program is gone.
    await until('no command runs', async () => {
      const commands = await client.execs.list(session.id).all();
      return commands.every(({ status }) => status !== 'running');
    });
    expect((await session.refresh()).status).toBe('running');
    await session.delete();
  });

  it('leaves a session that it does not hold', async () => {
    const program = started('unheld');
    await says(program, /made/);
    program.child.kill('SIGTERM');
    expect(await program.ended).toEqual(endedBy('SIGTERM'));
    expect(await sessionsOf(program)).toEqual(['running']);
    for (const { id } of await client.sessions.list({ label: `mark=${program.mark}` }).all())
      await client.sessions.delete(id);
  });

  it('ends what it holds when its own handler asks for it', async () => {
    const program = started('asked');
    await says(program, /holds/);
    program.child.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 9, signal: null });
    expect((await sessionsOf(program)).filter(isLive)).toEqual([]);
  });

  it('ends though the server is away', async () => {
    const proxy = await startFaultProxy(server.url, NO_FAULTS);
    const program = started('several', PLATFORMS[0], proxy.url);
    await says(program, /holds/, 3);
    await proxy.stop();
    program.child.kill('SIGHUP');
    expect(await program.ended).toEqual(endedBy('SIGHUP'));
    for (const { id } of await client.sessions.list({ label: `mark=${program.mark}` }).all())
      await client.sessions.delete(id);
  });
});
