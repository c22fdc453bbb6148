import { fileURLToPath } from 'node:url';

/** One system call of `launch.pl`: its name (a leading `?`: a failure is ignored) and its fields. */
export type Step = readonly [name: string, ...fields: (string | number)[]];

export const LAUNCHER = fileURLToPath(new URL('./launch.pl', import.meta.url));

/** Flags of mount(2). */
export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  REMOUNT: 32,
  BIND: 4096,
  REC: 16384,
} as const;

/** Flags of unshare(2). */
export const CLONE = {
  NEWNS: 0x20000,
  NEWCGROUP: 0x2000000,
  NEWUTS: 0x4000000,
  NEWIPC: 0x8000000,
  NEWUSER: 0x10000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
} as const;

/** Resources of setrlimit(2). */
export const RLIMIT = { FSIZE: 1, CORE: 4, NPROC: 6, NOFILE: 7 } as const;

/** The text that `launch.pl` reads. */
export function planText(steps: readonly Step[]): string {
  let text = '';
  for (const [name, ...fields] of steps) {
    text += name;
    for (const field of fields) text += `\t${escapeField(String(field))}`;
    text += '\n';
  }
  return text;
}

const escapeField = (field: string): string =>
  field.replace(/[%\t\r\n\0]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

/** A bind mount; read-only ones never take set-user-id programs or devices with them. */
export const bind = (source: string, target: string): Step => ['mount', source, target, '', MS.BIND | MS.REC, ''];

export const readOnlyBind = (source: string, target: string, flags = 0): readonly Step[] => [
  ['mount', source, target, '', MS.BIND, ''],
  ['mount', '', target, '', MS.BIND | MS.REMOUNT | MS.RDONLY | flags, ''],
];

/** The environment of the launcher itself. No variable of a command is in it. */
export const launcherEnv = (): Record<string, string> => ({ ONMEMOS_ARCH: process.arch });
