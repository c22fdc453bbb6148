import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Expected } from './pack.ts';

/** A data folder that an earlier commit made and that is kept beside this file. */
export interface KeptData {
  readonly expected: Expected;
  /** Makes a folder such a data folder. */
  unpack(dataDir: string): Promise<void>;
}

export const keptData = async (commit: string): Promise<KeptData> => {
  const kept = join(import.meta.dirname, commit);
  const expected = JSON.parse(await readFile(join(kept, 'expected.json'), 'utf8')) as Expected;
  return {
    expected,
    unpack: async (dataDir) => {
      for (const name of ['keyring.json', 'admin.key', 'volumes', 'buckets', 'keeper'])
        await cp(join(kept, name), join(dataDir, name), { recursive: true });
      // Git keeps no empty folder.
      for (const { kind, key } of expected.storage) await mkdir(join(dataDir, `${kind}s`, key), { recursive: true });
      await writeFile(join(dataDir, 'store.db'), gunzipSync(await readFile(join(kept, 'store.db.gz'))), {
        mode: 0o600,
      });
    },
  };
};
