import { stat } from 'node:fs/promises';
import { configPath } from '../target/config.ts';
import { adminKeyPath, isAlive, readServerFile } from '../target/local.ts';
import { type Finding, ok, warning } from './check.ts';

const OTHERS_BITS = 0o077;

const privateFile = async (check: string, path: string | null): Promise<readonly Finding[]> => {
  if (path === null) return [];
  const file = await stat(path).catch(() => null);
  if (file === null) return [];
  if ((file.mode & OTHERS_BITS) === 0) return [ok(check, path)];
  return [warning(check, `${path} contains a key and other users may read it`, `chmod 600 ${path}`)];
};

/** Checks who may read the files with keys, and whether `server.json` is left from a killed server. */
export const fileFindings = async (dataDir: string | null): Promise<readonly Finding[]> => {
  const server = await readServerFile(dataDir);
  const stale = server !== null && !isAlive(server.pid);
  return [
    ...(await privateFile('Profiles', configPath())),
    ...(await privateFile('Admin key', dataDir && adminKeyPath(dataDir))),
    ...(stale
      ? [
          warning(
            'server.json',
            `names process ${server.pid}, which has ended`,
            'Nothing to do: the next server on this machine replaces the file.',
          ),
        ]
      : []),
  ];
};
