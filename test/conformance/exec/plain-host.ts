import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox, SandboxHost, SandboxSpec, Spawned, SpawnSpec } from '../../../functions/keeper/sandbox/types.ts';

/** Sandboxes that are plain processes in a folder: for tests of what lies around a sandbox, not of the sandbox. */
export const plainHost = (dataDir: string): SandboxHost => ({
  capabilities: {
    level: 'none',
    refused: [],
    limits: { cpu: 'none', memory: 'none', pids: 'none', disk: 'none' },
    network: 'host',
    cpu_millis: 2000,
    memory_mb: 2048,
  },
  create: (spec) => createPlain(join(dataDir, 'plain', spec.key), spec),
  sweep: async () => {
    await rm(join(dataDir, 'plain'), { recursive: true, force: true });
    return { removed: 0 };
  },
  pool: () => {},
  close: async () => {},
});

const createPlain = async (dir: string, spec: SandboxSpec): Promise<Sandbox> => {
  const log_dir = join(dir, 'log');
  await mkdir(log_dir, { recursive: true });
  const groups = new Set<number>();
  return {
    key: spec.key,
    session_id: spec.session_id,
    started_at: Date.now(),
    log_dir,
    details: { isolation: 'none' },
    spawn: async (asked) => spawnPlain(asked, dir, groups),
    usage: async () => ({ cpu_ms: 0, memory_mb: 1, memory_limit_mb: null, disk_mb: null, processes: groups.size }),
    ended: new Promise(() => {}),
    destroy: async () => {
      for (const group of groups) kill(group, 'SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
};

const spawnPlain = async (spec: SpawnSpec, dir: string, groups: Set<number>): Promise<Spawned> => {
  const argv = spec.merge ? ['/bin/sh', '-c', 'exec "$@" 2>&1', 'sh', ...spec.argv] : spec.argv;
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    cwd: spec.cwd ?? dir,
    env: { PATH: process.env.PATH, ...spec.env },
    detached: true,
    stdio: [spec.stdin ? 'pipe' : 'ignore', 'pipe', spec.merge ? 'ignore' : 'pipe'],
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal: signal?.replace(/^SIG/, '') ?? null }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined || !stdout) throw new Error('the command did not start');
  groups.add(pid);
  return {
    stdin,
    stdout,
    stderr,
    exited,
    signal: (name) => kill(pid, `SIG${name}`),
    resize: () => {},
  };
};

const kill = (group: number, signal: string): boolean => {
  try {
    process.kill(-group, signal as NodeJS.Signals);
    return true;
  } catch {
    return false;
  }
};
