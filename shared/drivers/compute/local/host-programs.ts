import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a sandbox looks for programs. */
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Which of these programs this machine has. */
export const findPrograms = async (names: Iterable<string>): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  await Promise.all(
    [...new Set(names)].map(async (name) => {
      for (const folder of FOLDERS) {
        if (!(await isExecutable(join(folder, name)))) continue;
        found.add(name);
        return;
      }
    }),
  );
  // A Python session gets a virtual environment, which includes pip.
  if (found.has('python3')) found.add('pip');
  return found;
};

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
