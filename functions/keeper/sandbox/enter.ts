import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { PassThrough, type Readable } from 'node:stream';
import { LAUNCHER, launcherEnv } from './plan.ts';
import { childrenOf, identify, isAlive, type ProcessId, processStat, sendSignal } from './proc.ts';
import { openTerminal } from './terminal.ts';
import type { Spawned, SpawnSpec } from './types.ts';

export interface EnterOptions {
  readonly perl: string;
  /** The plan that leads into the sandbox. */
  readonly planFile: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Every process of the sandbox, as the host numbers them. */
  readonly pids: () => readonly number[];
}

/** Starts a command inside a sandbox. @throws Error when it can't be started; the message is for the user. */
export async function enter(options: EnterOptions, spec: SpawnSpec): Promise<Spawned> {
  return spec.tty ? enterWithTerminal(options, spec, spec.tty) : enterWithPipes(options, spec);
}

async function enterWithPipes(options: EnterOptions, spec: SpawnSpec): Promise<Spawned> {
  const args = [LAUNCHER, options.planFile, options.cwd, spec.merge ? 'm' : '-', ...spec.argv];
  const child = spawn(options.perl, args, {
    cwd: '/',
    env: launcherEnv(options.env),
    detached: true,
    stdio: [spec.stdin ? 'pipe' : 'ignore', 'pipe', spec.merge ? 'ignore' : 'pipe', 'pipe'],
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 125, signal: null }));
  });
  const { stdin } = child;
  stdin?.on('error', () => undefined);
  if (!child.stdout || child.pid === undefined) throw new Error('no more processes can be started on this machine');
  // Node drops what a child wrote if it ends before anybody listens, and a short command ends before this returns.
  const stdout = child.stdout.pipe(new PassThrough());
  const stderr = child.stderr?.pipe(new PassThrough()) ?? null;
  const report = await readAll(child.stdio[3] as Readable);
  const [, pid, complaint] = /^(?:pid (\d+)\n)?([\s\S]*)$/.exec(report) ?? [];
  if (complaint || pid === undefined) {
    stdout.destroy();
    stderr?.destroy();
    const { signal } = await exited;
    throw new Error(complaint?.trim() || `the command was ended before it began (${signal ?? 'the sandbox is gone'})`);
  }
  const leader = identify(Number(pid));
  return {
    stdin,
    stdout,
    stderr,
    signal: (name) => leader !== null && signalGroup(leader, name, options.pids),
    resize: () => undefined,
    exited,
  };
}

async function enterWithTerminal(
  options: EnterOptions,
  spec: SpawnSpec,
  size: { readonly cols: number; readonly rows: number },
): Promise<Spawned> {
  const terminal = await openTerminal(options.perl, [LAUNCHER, options.planFile, options.cwd, 't', ...spec.argv], {
    ...size,
    cwd: '/',
    env: launcherEnv(options.env),
  });
  const outer = identify(terminal.pid);
  let leader: ProcessId | null = null;
  return {
    stdin: terminal.input,
    stdout: terminal.output,
    stderr: null,
    signal: (name) => {
      leader ??= identify(childrenOf(terminal.pid)[0] ?? 0);
      if (leader) return signalGroup(leader, name, options.pids);
      return outer !== null && isAlive(outer) && sendSignal(outer.pid, `SIG${name}` as NodeJS.Signals);
    },
    resize: terminal.resize,
    exited: terminal.exited.then(({ code, signal }) => ({ code, signal: signalName(signal) })),
  };
}

/**
 * To the whole group. Once its leader has ended, its number may be another's: then every process of the sandbox
 * that still belongs to the group is signalled by itself.
 */
export function signalGroup(leader: ProcessId, name: string, pids: () => readonly number[]): boolean {
  const signal = `SIG${name}` as NodeJS.Signals;
  if (isAlive(leader)) return sendSignal(-leader.pid, signal);
  const members = pids().filter((pid) => processStat(pid)?.group === leader.pid);
  return members.map((pid) => sendSignal(pid, signal)).some(Boolean);
}

export function signalName(number: number): string | null {
  if (number === 0) return null;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `SIG${number}`;
}

const readAll = (stream: Readable): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    stream.once('close', () => resolve(text));
    stream.once('error', () => resolve(text));
  });
