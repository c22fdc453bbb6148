import { readText } from '../process/proc.ts';

/**
 * Files of passwords, hidden and made anew: without them su and passwd refuse every user whose line in passwd has an x.
 * Each account of the host is in them, with a password that opens nothing. Where the host has no such file, neither
 * has a sandbox.
 */
export function passwordFiles(hidden: readonly string[]): readonly PasswordFile[] {
  const shadowGroup = Number(/^shadow:[^:]*:(\d+):/m.exec(readText('/etc/group'))?.[1] ?? 0);
  return SOURCES.filter(({ path }) => hidden.includes(path)).map(({ path, names, rest }) => ({
    path,
    text: [...readText(names).matchAll(/^(\w[^:\n]*):/gm)].map(([, name]) => `${name}:*:${rest}\n`).join(''),
    group: shadowGroup,
  }));
}

/** Its mode: its owner, and the group that may look. */
export const PASSWORD_FILE_MODE = 0o640;

export interface PasswordFile {
  /** Without a leading slash. */
  readonly path: string;
  readonly text: string;
  readonly group: number;
}

/** The fields after the password: of an account that never expires, and of a group without members of its own. */
const SOURCES = [
  { path: 'etc/shadow', names: '/etc/passwd', rest: '1::::::' },
  { path: 'etc/gshadow', names: '/etc/group', rest: ':' },
] as const;
