import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buildAgent, goMissing } from '../../agent/build/binary.ts';

const run = promisify(execFile);
const SOURCES = join(import.meta.dirname, '../../agent');
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/onmemos-agent');

/** What is to be said where the tests of the agent can't run; null where they can. */
export const agentMissing: string | null = await goMissing();
if (agentMissing !== null) process.emitWarning(`the agent is not tested, for want of Go: ${agentMissing}`);

/** The agent for this machine, built from the sources as they are now. */
export const agentProgram = async (): Promise<string> => {
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  // A name of its own: tests that run side by side build it, too.
  return (await buildAgent(arch, join(CACHE, `onmemos-agent-${process.pid}`))).path;
};

/** Runs `go` on the sources, and returns what it printed. @throws Error with all of that where it fails */
export const go = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
  try {
    const { stdout } = await run('go', [...args], {
      cwd: SOURCES,
      env: { ...process.env, ...env },
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`go ${args.join(' ')}:\n${stdout ?? ''}${stderr ?? String(error)}`);
  }
};

export interface RunningAgent {
  readonly dir: string;
  readonly pid: number;
  connect(): Promise<Socket>;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Ends it, and deletes what the test made for it. */
  close(): Promise<void>;
}

/** An agent on a socket of its own, in a new folder. */
export const startAgent = async (program: string, flags: readonly string[] = []): Promise<RunningAgent> => {
  const dir = await mkdtemp(join(tmpdir(), 'onmemos-agent-'));
  const workspace = await mkdtemp(join(tmpdir(), 'onmemos-agent-workspace-'));
  const args = ['serve', '--dir', dir, '--workspace', workspace, '--termination-log', join(dir, 'why'), ...flags];
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'pipe'] });
  const said: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => said.push(bytes));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  const socket = join(dir, 'agent.sock');
  const dial = async (): Promise<Socket> => {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the agent has ended: ${Buffer.concat(said).toString()}`);
      const one = connect(socket);
      try {
        await once(one, 'connect');
        return one;
      } catch {
        await sleep(20);
      }
    }
  };
  (await dial()).destroy();
  return {
    dir,
    pid: child.pid ?? 0,
    connect: dial,
    ended,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
      await Promise.all([dir, workspace].map((path) => rm(path, { recursive: true, force: true })));
    },
  };
};
