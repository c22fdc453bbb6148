import { accessSync, constants, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { processStat, readProcess } from '#platform/process-stat.ts';

/** Identifies a process; a later process with the same number has another start. */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks since boot, as `/proc/<pid>/stat` has it. */
  readonly start: string;
}

export function identify(pid: number): ProcessId | null {
  const stat = processStat(pid);
  return stat ? { pid, start: stat.start } : null;
}

/** @throws Error where it can't be looked at: it may live all the same */
export const isAlive = (id: ProcessId): boolean => {
  const stat = readProcess(id.pid);
  return stat !== null && stat.start === id.start && stat.state !== 'Z' && stat.state !== 'X';
};

/** Signals the process if it still is the same one. False if it has ended. @throws Error as isAlive */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): boolean {
  return isAlive(id) && sendSignal(id.pid, signal);
}

/** Signals a pid, or the process group of a negative one. False if there is none. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

export function allPids(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** The identity of a process's namespace, or empty when the process is gone. */
export function namespaceOf(pid: number, kind: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return '';
  }
}

export const numbers = (text: string): readonly number[] => text.split(/\s+/).filter(Boolean).map(Number);

/** The thing itself is not there (any more), or has no content of this kind. */
const GONE = new Set(['ENOENT', 'ESRCH', 'ENODEV', 'ENOTDIR', 'EINVAL', 'EOPNOTSUPP']);
/** It is another user's. */
const CLOSED = new Set(['EACCES', 'EPERM']);

/** Whether there is nothing for this user to see. Any other error says only that it can't be read now. */
export const isNothing = (error: unknown): boolean => {
  const { code = '' } = error as NodeJS.ErrnoException;
  return GONE.has(code) || CLOSED.has(code);
};

/** A file of the kernel's, or an empty text if there is nothing to see. @throws Error if it can't be read now */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isNothing(error)) return '';
    throw error;
  }
}

/** The path of a program, in the system's folders first. */
export function findProgram(name: string): string | null {
  for (const dir of ['/usr/bin', '/bin', '/usr/sbin', '/sbin', ...(process.env['PATH'] ?? '').split(':')]) {
    if (dir && isExecutable(join(dir, name))) return join(dir, name);
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
