import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { programFolders } from '#platform/program-folders.ts';

/** Which of these programs this machine has, where a sandbox looks for them. */
export const findPrograms = async (names: Iterable<string>): Promise<ReadonlySet<string>> => {
  const folders = programFolders();
  const found = new Set<string>();
  await Promise.all(
    [...new Set(names)].map(async (name) => {
      for (const folder of folders) {
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
