import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backUp, restore } from '#wiring/backup.ts';
import { openStoreIn } from '../conformance/store/temporary.ts';
import { counters } from '../conformance/store/fixture.ts';

const DATA = join(import.meta.dirname, '../../functions/standalone/data.ts');
/** The programs that a restore runs, in their order; each is a step at which it may be killed. */
const PROGRAMS = ['cp', 'sync', 'find'];

let at: string;
let path: string;
beforeAll(async () => {
  at = await mkdtemp(join(tmpdir(), 'onmemos-restore-'));
  const source = join(at, 'source');
  await mkdir(join(source, 'volumes', 'v'), { recursive: true });
  await mkdir(join(source, 'buckets', 'b'), { recursive: true });
  const store = await openStoreIn(source);
  await store.put(counters, 'one', { n: 1 });
  await store.close();
  for (const name of ['keyring.json', 'admin.key', 'volumes/v/file', 'buckets/b/file'])
    await writeFile(join(source, name), name);
  await backUp(source, join(at, 'backup'));
  const programs = join(at, 'programs');
  await mkdir(programs);
  // Each counts itself, and the one whose turn it is kills the restore before or after it does its work.
  for (const name of PROGRAMS) {
    const script = `#!/bin/sh
echo x >> "$COUNT"
n=$(wc -l < "$COUNT")
[ "$n/$WHEN" = "$KILL_AT/before" ] && { kill -9 $PPID; exit 1; }
PATH="$REAL_PATH" ${name} "$@" || exit
[ "$n/$WHEN" = "$KILL_AT/after" ] && kill -9 $PPID
exit 0
`;
    await writeFile(join(programs, name), script);
    await chmod(join(programs, name), 0o755);
  }
  path = `${programs}:${process.env['PATH']}`;
});
afterAll(() => rm(at, { recursive: true, force: true }));

const restoreInto = async (dataDir: string, killAt: number, when: 'before' | 'after') => {
  const count = `${dataDir}.count`;
  await writeFile(count, '');
  const child = spawn(process.execPath, [DATA, 'restore', join(at, 'backup')], {
    env: {
      ...process.env,
      ...{ PATH: path, REAL_PATH: process.env['PATH'], COUNT: count, KILL_AT: String(killAt), WHEN: when },
      ONMEMOS_DATA_DIR: dataDir,
    },
    stdio: 'ignore',
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { code, signal, steps: (await readFile(count, 'utf8')).split('\n').length - 1 };
};

const check = async (folder: string): Promise<void> => {
  const store = await openStoreIn(folder);
  expect((await store.get(counters, 'one'))?.data.n).toBe(1);
  await store.close();
  for (const name of ['keyring.json', 'admin.key', 'volumes/v/file', 'buckets/b/file'])
    expect(await readFile(join(folder, name), 'utf8')).toBe(name);
};

it('a restore that is killed at any step leaves no data folder or a whole one, and may be run again', async () => {
  const whole = await restoreInto(join(at, 'whole'), 0, 'before');
  expect(whole).toMatchObject({ code: 0 });
  await check(join(at, 'whole'));
  expect(whole.steps).toBeGreaterThanOrEqual(7);
  for (let step = 1; step <= whole.steps; step++) {
    for (const when of ['before', 'after'] as const) {
      const dataDir = join(at, `${step}-${when}`);
      expect(await restoreInto(dataDir, step, when)).toMatchObject({ signal: 'SIGKILL', steps: step });
      if (existsSync(dataDir) && (await readdir(dataDir)).length > 0) await check(dataDir);
      else {
        await restore(join(at, 'backup'), dataDir);
        await check(dataDir);
      }
    }
  }
});
