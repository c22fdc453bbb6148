import type { Clock } from '#ports/clock.ts';
import type { Cgroup } from './cgroup/cgroup.ts';
import { diskUsageMb } from './disk/usage.ts';
import { enter } from './launch/enter.ts';
import { commandEnvironment, type EnvironmentBase, startFolder } from './environment.ts';
import { removeFolder, type SandboxFolders } from './disk/folders.ts';
import { endWithGrace } from './launch/end-with-grace.ts';
import type { Launch } from './launch/launcher.ts';
import type { Step } from './launch/plan.ts';
import type { CommandProcesses } from './process/command-processes.ts';
import { numberedProcesses, sandboxNumbers } from './process/numbered.ts';
import { processStat } from '#platform/process-stat.ts';
import { allPids, namespaceOf, sendSignal, signalProcess } from './process/proc.ts';
import type { Spawner } from './launch/spawner.ts';
import type { Sandbox, SandboxSpec } from './types.ts';

/** Why a sandbox ended without having been asked to. */
export interface End {
  readonly reason: string;
  readonly message: string;
}

/** What the host's watch needs to know of a sandbox beside its public face. */
export interface LiveSandbox extends Sandbox {
  readonly spec: SandboxSpec;
  /** Folders whose content counts as the sandbox's disk. */
  readonly disk_dirs: readonly string[];
  pids(): readonly number[];
  /** Ends it with a reason; `ended` tells it, the resources stay until `destroy`. */
  end(end: End): void;
}

export interface NamespacedOptions {
  readonly spec: SandboxSpec;
  readonly folders: SandboxFolders;
  readonly launch: Launch;
  readonly group: Cgroup | null;
  readonly disk_dirs: readonly string[];
  readonly spawner: Spawner;
  /** What leads into it. */
  readonly enterPlan: string;
  readonly environment: EnvironmentBase;
  readonly details: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  /** Called once everything is gone. */
  readonly removed: () => void;
}

/** A sandbox whose process 1 runs: from here on it is a thing to run commands in. */
export function namespacedSandbox(options: NamespacedOptions): LiveSandbox {
  const { spec, folders, launch, group, clock } = options;
  const init = launch.init();
  const space = group ? '' : namespaceOf(init.pid, 'pid');
  // Without a namespace to compare with, none is known to be its own.
  const among = (): readonly number[] => (space === '' ? [] : allPids());
  const pids = (): readonly number[] => group?.pids() ?? among().filter((pid) => namespaceOf(pid, 'pid') === space);
  const diskDirs = options.disk_dirs;
  let endCause: End | null = null;
  const numbers = sandboxNumbers();
  const killAll = () => {
    if (!signalProcess(init, 'SIGKILL')) launch.kill();
  };

  const destroy = endWithGrace(clock, async (graceOver) => {
    endCause ??= { reason: 'destroyed', message: 'The session was ended.' };
    const inside = () => pids().filter((pid) => pid !== init.pid);
    if (!graceOver()) for (const pid of inside()) sendSignal(pid, 'SIGTERM');
    while (!graceOver() && inside().length > 0) await clock.sleep(10);
    killAll();
    await launch.ended;
    await group?.remove();
    await removeFolder(folders.dir);
    options.removed();
  });

  return {
    key: spec.key,
    session_id: spec.session_id,
    spec,
    started_at: clock.now(),
    log_dir: folders.logs,
    details: options.details,
    disk_dirs: diskDirs,
    pids,
    spawn: async (request) => {
      if (endCause) throw new Error('this sandbox is gone');
      const { first, processes } = group ? grouped(group) : numbered(numbers.next(), pids, clock);
      const entering = {
        spawner: options.spawner,
        plan: options.enterPlan,
        first,
        processes,
        cwd: startFolder('/workspace', request.cwd),
        env: commandEnvironment(options.environment, request),
      };
      return enter(entering, request).catch((error: unknown) => {
        processes.release();
        throw error;
      });
    },
    usage: async () => ({
      cpu_ms: group?.cpuMs() ?? ticksOf(pids()),
      memory_mb: toMb(group?.memoryBytes() ?? residentBytes(pids())),
      memory_limit_mb: toMb(group?.memoryLimitBytes() ?? spec.memory_mb * 1024 * 1024),
      disk_mb: await diskUsageMb(diskDirs),
      processes: pids().length,
    }),
    ended: launch.ended.then(() => endCause ?? crashed(group)),
    end: (end) => {
      endCause ??= end;
      killAll();
    },
    destroy,
  };
}

const endedForMemory = (group: Cgroup | null): boolean => {
  try {
    return (group?.oomKills() ?? 0) > 0;
  } catch {
    return false;
  }
};

/** How everything that a command starts is found again, and what the launcher does for that. */
interface Tracked {
  readonly first: readonly Step[];
  readonly processes: CommandProcesses;
}

function grouped(group: Cgroup): Tracked {
  const { join_files, processes } = group.command();
  return { first: join_files.map((file): Step => ['group', file]), processes };
}

function numbered(number: number, pids: () => readonly number[], clock: Clock): Tracked {
  const isIts = (carried: number) => carried === number;
  return { first: [['number', number]], processes: numberedProcesses(isIts, pids, clock) };
}

function crashed(group: Cgroup | null): End {
  return endedForMemory(group)
    ? { reason: 'memory_limit', message: 'The session used more memory than it has; ask for a larger package.' }
    : { reason: 'session_ended', message: 'The session’s first process ended; create a new session.' };
}

/** MiB with one decimal: a small session that idles uses less than half of one. */
export const toMb = (bytes: number | null): number | null =>
  bytes === null ? null : Math.round((bytes / 1024 / 1024) * 10) / 10;

/** Linux counts in hundredths of a second for every program that asks. */
const ticksOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + (processStat(pid)?.cpu_ticks ?? 0), 0) * 10;

export const residentBytes = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + (processStat(pid)?.rss_pages ?? 0), 0) * 4096;
