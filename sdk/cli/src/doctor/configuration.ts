import { stat } from 'node:fs/promises';
import { configPath } from '../target/config.ts';
import { adminKeyPath, isAlive, readServerFile } from '../target/local.ts';
import { type Finding, ok, warning } from './check.ts';

const OTHERS_BITS = 0o077;

const privateFile = async (check: string, path: string): Promise<readonly Finding[]> => {
  const file = await stat(path).catch(() => null);
  if (file === null) return [];
  if ((file.mode & OTHERS_BITS) === 0) return [ok(check, path)];
  return [warning(check, `${path} has a key in it, and others may read it`, `chmod 600 ${path}`)];
};

/** Files that hold keys, and what a killed service has left. */
export const fileFindings = async (dataDir: string): Promise<readonly Finding[]> => {
  const server = await readServerFile(dataDir);
  const stale = server !== null && !isAlive(server.pid);
  return [
    ...(await privateFile('Profiles', configPath())),
    ...(await privateFile('Admin key', adminKeyPath(dataDir))),
    ...(stale
      ? [
          warning(
            'server.json',
            `names process ${server.pid}, which is gone`,
            'The next service of this machine replaces it; nothing to do.',
          ),
        ]
      : []),
  ];
};
