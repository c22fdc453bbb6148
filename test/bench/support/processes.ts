import { readdirSync, readFileSync } from 'node:fs';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const pids = (): number[] => readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

/** The keeper of a data folder. @throws Error where there is none */
export const keeperPid = (dataDir: string): number => {
  const found = findKeeper(dataDir);
  if (found === null) throw new Error(`${dataDir} has no keeper`);
  return found;
};

export const findKeeper = (dataDir: string): number | null =>
  pids().find((pid) => {
    const args = read(`/proc/${pid}/cmdline`).split('\0');
    return args.includes('--data-dir') && args.includes(dataDir);
  }) ?? null;

const field = (pid: number, file: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/${file}`))?.[1] ?? 0) / 1024;

/** Resident memory as the kernel counts it, MB; pages shared with others count in full. */
export const residentMb = (pid: number): number => field(pid, 'status', 'VmRSS');

/** Memory with shared pages divided among those who share them, MB. */
export const proportionalMb = (pid: number): number => field(pid, 'smaps_rollup', 'Pss');

/** Every process below this one. */
export const descendants = (root: number): number[] => {
  const parents = new Map(pids().map((pid) => [pid, Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1])]));
  const below = (pid: number): number[] =>
    [...parents].flatMap(([child, parent]) => (parent === pid ? [child, ...below(child)] : []));
  return below(root);
};

/** What sandboxes cost beside the keeper itself, MB. */
export const sandboxesMb = (keeper: number): number =>
  descendants(keeper).reduce((sum, pid) => sum + proportionalMb(pid), 0);
