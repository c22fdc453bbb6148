import { type ProcessStat, processStat, readProcess } from '#platform/process-stat.ts';
import { allPids, type ProcessId, isNothing, readText, signalProcess } from './proc.ts';

/** Set for every process of a sandbox without namespaces: how its descendants are found again. */
export const MARK = 'ONMEMOS_SANDBOX';

/**
 * Every process that carries this mark, and every descendant and session mate of one: a process
 * can shed its environment, and most that do keep their session or their parent.
 * @throws Error where they can't be looked for: none of them is to be taken as ended
 */
export function markedProcesses(value: string): readonly ProcessId[] {
  const stats = allPids().flatMap((pid) => {
    const stat = visible(pid);
    return stat ? [{ pid, ...stat }] : [];
  });
  const found = new Set<number>();
  const sessions = new Set<number>();
  for (const { pid, session } of stats) {
    if (!`\0${readText(`/proc/${pid}/environ`)}\0`.includes(`\0${MARK}=${value}\0`)) continue;
    found.add(pid);
    sessions.add(session);
  }
  const own = processStat(process.pid)?.session;
  if (own !== undefined) sessions.delete(own);
  sessions.delete(0);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent, session } of stats) {
      if (found.has(pid) || pid === process.pid || !(found.has(parent) || sessions.has(session))) continue;
      found.add(pid);
      grown = true;
    }
  }
  return stats.flatMap(({ pid, start }) => (found.has(pid) ? [{ pid, start }] : []));
}

/** null for one that has ended, or is another user's and hidden. */
function visible(pid: number): ProcessStat | null {
  try {
    return readProcess(pid);
  } catch (error) {
    if (isNothing(error)) return null;
    throw error;
  }
}

/** Kills and looks again until none is left: a fork can escape one look. */
export async function killMarked(value: string, pause: () => Promise<void>): Promise<void> {
  for (let left = markedProcesses(value); left.length > 0; left = markedProcesses(value)) {
    for (const id of left) signalProcess(id, 'SIGKILL');
    if (left.every((id) => processStat(id.pid)?.state === 'Z')) return;
    await pause();
  }
}
