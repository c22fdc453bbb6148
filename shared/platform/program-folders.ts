import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where every system has its programs. */
const SYSTEM = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** Where installers of languages put theirs, beside `/opt`. */
const LANGUAGES = ['/usr/local/go/bin', '/usr/local/cargo/bin', '/usr/local/cuda/bin'];

const below = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
};

/** The folders in which commands of a session look for programs, as far as this machine has them. */
export const programFolders = (): readonly string[] => [
  ...SYSTEM,
  ...[...LANGUAGES, ...below('/opt').map((name) => join('/opt', name, 'bin'))].filter(
    (folder) => !folder.includes(':') && existsSync(folder),
  ),
];
