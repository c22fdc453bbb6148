import { userInfo } from 'node:os';
import { programFolders } from '#platform/program-folders.ts';
import type { SpawnSpec } from './types.ts';

const PATH = programFolders().join(':');

export interface EnvironmentBase {
  readonly home: string;
  readonly user: string;
  readonly hostname: string | null;
  /** First on PATH, or null. */
  readonly venv: string | null;
}

/** A clean base environment, overridden by the caller's. A command gets none of the keeper's own variables. */
export function commandEnvironment(base: EnvironmentBase, spec: SpawnSpec): Record<string, string> {
  return {
    PATH: base.venv ? `${base.venv}/bin:${PATH}` : PATH,
    HOME: base.home,
    USER: base.user,
    LOGNAME: base.user,
    SHELL: '/bin/sh',
    LANG: 'C.UTF-8',
    ...(base.hostname ? { HOSTNAME: base.hostname } : {}),
    ...(base.venv ? { VIRTUAL_ENV: base.venv } : {}),
    ...(spec.tty ? { TERM: 'xterm-256color' } : {}),
    ...spec.env,
  };
}

export const ownUserName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return 'user';
  }
};

/** The folder that a command starts in. A relative one is below the usual one; the system resolves its links and dots. */
export const startFolder = (usual: string, cwd: string | null): string => {
  if (cwd === null) return usual;
  return cwd.startsWith('/') ? cwd : `${usual}/${cwd}`;
};
