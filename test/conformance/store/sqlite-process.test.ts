import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreLocked } from '#drivers/store/sqlite/errors.ts';
import { counters, items } from './fixture.ts';
import { openStoreIn, temporaryFolder } from './temporary.ts';

const CHILD = fileURLToPath(new URL('./writer-child.ts', import.meta.url));

/** Real processes on one file. */
describe('sqlite store among processes', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let child: ChildProcess | null = null;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await folder.remove();
  });

  /** Lines of a writing child, complete ones only, until `enough` of them; then it is killed. */
  const writeAndKill = async (enough: number): Promise<string[]> => {
    const writer = spawn(process.execPath, [CHILD, join(folder.path, 'store.db')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = writer;
    let text = '';
    let killed = false;
    writer.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (!killed && text.split('\n').length > enough) killed = writer.kill('SIGKILL');
    });
    await once(writer, 'close');
    expect(writer.signalCode).toBe('SIGKILL');
    return text
      .split('\n')
      .slice(0, -1)
      .filter((line) => line !== 'ready');
  };

  it('has every acknowledged write after kill -9 in the middle, and no half of a transaction', async () => {
    for (const enough of [40, 300, 1000]) {
      const acknowledged = await writeAndKill(enough);
      expect(acknowledged.length).toBeGreaterThanOrEqual(enough - 1);
      const store = await openStoreIn(folder.path);
      for (const line of acknowledged) {
        const [lane = '', n = ''] = line.split(' ');
        expect((await store.get(items, `lane${lane}-${n}`))?.data.rank).toBe(Number(n));
        expect((await store.get(counters, `lane${lane}`))?.data.n).toBeGreaterThanOrEqual(Number(n));
      }
      for (let lane = 0; lane < 8; lane++) {
        const last = (await store.get(counters, `lane${lane}`))?.data.n ?? 0;
        const order = { field: 'rank', direction: 'desc' } as const;
        const top = await store.query(items, { where: { owner: `lane${lane}` }, order, limit: 1 });
        expect(top.docs[0]?.data.rank ?? 0).toBe(last);
      }
      const check = store.sql.database.prepare('PRAGMA integrity_check').get();
      expect(check).toEqual({ integrity_check: 'ok' });
      await store.close();
      await folder.remove();
      folder = await temporaryFolder();
    }
  });

  it('refuses a second opener, in another process and in this one, until the first is gone', async () => {
    const writer = spawn(process.execPath, [CHILD, join(folder.path, 'store.db')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = writer;
    await once(writer.stdout, 'data');
    await expect(openStoreIn(folder.path)).rejects.toBeInstanceOf(StoreLocked);
    writer.kill('SIGKILL');
    await once(writer, 'close');
    const store = await openStoreIn(folder.path);
    await expect(openStoreIn(folder.path)).rejects.toBeInstanceOf(StoreLocked);
    await expect(openStoreIn(folder.path)).rejects.toThrow(/another process/);
    await store.close();
    await (await openStoreIn(folder.path)).close();
  });
});
