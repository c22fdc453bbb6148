import { statfsSync } from 'node:fs';
import type { Clock, Timer } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import { diskUsageMb, unlinkedMb } from './usage.ts';
import { type LiveSandbox, residentBytes } from '../sandbox.ts';
import type { SandboxLimits } from '../types.ts';

const EVERY_MS = 1000;
/** Below this much free disk the biggest writer is ended, so that the server's database never meets a full disk. */
const LEAST_FREE_MB = 1024;
/** A sandbox far from its limit is measured this often even if the disk hardly fills. */
const IDLE_MEASURE_MS = 15_000;
/** Measuring may take one part in this many of the time: a tree of a million files is measured less often. */
const MEASURE_SHARE = 10;

export interface WatchOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: SandboxLimits;
  readonly sandboxes: () => readonly LiveSandbox[];
}

interface Measured {
  readonly mb: number;
  readonly at: number;
  readonly took: number;
  /** How much the whole disk had filled by then, MiB, never counting back. */
  readonly filled: number;
}

/** Checks about once a second the limits that the kernel does not enforce, and ends sessions that exceed one. */
export function startWatch(options: WatchOptions): { stop(): void } {
  const { clock, log, limits } = options;
  const measures = new WeakMap<LiveSandbox, Measured>();
  let lastFree = freeMb(options.dir);
  let filled = 0;
  let stopped = false;
  let timer: Timer | null = null;

  const measure = async (sandbox: LiveSandbox): Promise<number> => {
    const began = clock.monotonic();
    const mb = ((await diskUsageMb(sandbox.disk_dirs)) ?? 0) + unlinkedMb(sandbox.pids());
    const at = clock.monotonic();
    measures.set(sandbox, { mb, at, took: at - began, filled });
    return mb;
  };

  const due = (sandbox: LiveSandbox): boolean => {
    const last = measures.get(sandbox);
    if (!last) return true;
    const age = clock.monotonic() - last.at;
    if (age < last.took * MEASURE_SHARE) return false;
    // A sandbox can't have written more than the disk has filled since. The other half of its limit is a safety margin.
    return age >= IDLE_MEASURE_MS || last.mb + (filled - last.filled) > sandbox.spec.disk_mb / 2;
  };

  const look = async () => {
    const free = freeMb(options.dir);
    filled += Math.max(0, lastFree - free);
    lastFree = free;
    const all = options.sandboxes();
    for (const sandbox of all) lookAtProcesses(sandbox, limits);
    for (const sandbox of all) {
      if (due(sandbox) && (await measure(sandbox)) > sandbox.spec.disk_mb) {
        sandbox.end({
          reason: 'disk_limit',
          message: `The session wrote more than its ${sandbox.spec.disk_mb} MiB of disk; ask for a larger package.`,
        });
      }
    }
    if (free < LEAST_FREE_MB) await endBiggest(all);
  };

  const endBiggest = async (all: readonly LiveSandbox[]) => {
    let biggest: { sandbox: LiveSandbox; mb: number } | null = null;
    for (const sandbox of all) {
      const mb = await measure(sandbox);
      if (mb > (biggest?.mb ?? 0)) biggest = { sandbox, mb };
    }
    if (!biggest) return;
    log.warn(
      { key: biggest.sandbox.key, mb: Math.round(biggest.mb) },
      'the disk is nearly full: the biggest writer ends',
    );
    biggest.sandbox.end({
      reason: 'host_disk_full',
      message: 'The disk of this machine was nearly full and this session had written most; free some and try again.',
    });
  };

  const next = () => {
    timer = clock.timer(EVERY_MS, () => {
      look()
        .catch((error: unknown) => log.error({ error: String(error) }, 'the sandboxes could not be measured'))
        .finally(() => stopped || next());
    });
  };
  next();
  return {
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}

/** Memory and processes where there are no control groups. */
function lookAtProcesses(sandbox: LiveSandbox, limits: SandboxLimits): void {
  if (limits.memory !== 'watched' && limits.pids !== 'watched') return;
  const pids = sandbox.pids();
  if (limits.memory === 'watched' && residentBytes(pids) > sandbox.spec.memory_mb * 1024 * 1024) {
    sandbox.end({
      reason: 'memory_limit',
      message: `The session used more than its ${sandbox.spec.memory_mb} MiB of memory; ask for a larger package.`,
    });
  } else if (limits.pids === 'watched' && pids.length > sandbox.spec.pids) {
    sandbox.end({ reason: 'session_ended', message: `The session had more than its ${sandbox.spec.pids} processes.` });
  }
}

function freeMb(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return (bavail * bsize) / 1024 / 1024;
}
