import { readlinkSync } from 'node:fs';
import { hasProcessEnded, processStat } from '#platform/process-stat.ts';

/**
 * The control group below which a keeper has all of its own: `onmemos-MARK-NAMESPACE-PID-START`. The mark is that of
 * the keeper's folder. The rest tells which process the keeper is, so that any other one can see whether it lives. A
 * keeper of 0.1.0 has `onmemos-MARK`, which names no owner.
 */
const NAME = /^onmemos-([0-9a-f]{12})(?:-(\d+)-(\d+)-(\d+))?(?:-(?:trial|keeper))?$/;

/** Process numbers mean something only within their pid namespace. */
const pidNamespace = (): string => {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
};

/** The name of this process's own group. */
export const ownGroupName = (mark: string): string =>
  `onmemos-${mark}-${pidNamespace()}-${process.pid}-${processStat(process.pid)?.start ?? '0'}`;

/** The mark in the name of a keeper's group; null if it is no keeper's group. */
export const markIn = (name: string): string | null => NAME.exec(name)?.[1] ?? null;

/** Whether the name does not say which process the keeper is, as the names of 0.1.0. */
export const isAnonymous = (name: string): boolean => {
  const [whole, , namespace] = NAME.exec(name) ?? [];
  return whole !== undefined && namespace === undefined;
};

/** Whether the keeper of this group is known to have ended. Of another pid namespace that can't be known: false. */
export const hasEnded = (name: string): boolean => {
  const [, , namespace, pid, start] = NAME.exec(name) ?? [];
  if (namespace === undefined || namespace !== pidNamespace()) return false;
  return hasProcessEnded(Number(pid), start ?? '');
};

/** Whether the name is of a process of this pid namespace that is not known to have ended. */
export const mayLive = (name: string): boolean => NAME.exec(name)?.[2] === pidNamespace() && !hasEnded(name);
