import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '#ports/clock.ts';
import { claimOrTakeOver, claimOrYield, FolderServed } from './claim.ts';
import { discoveryOf, type ServerNote } from './discovery.ts';

const locked = () => Object.assign(new Error('locked'), { name: 'StoreLocked' });
/** No process has it: it is above the largest that Linux gives. */
const NOBODY = 2 ** 22 + 1;

describe('a data folder', () => {
  let dataDir: string;
  let other: Server;
  let note: ServerNote;
  let ms: number;
  /** Attempts to open, each told whether the folder is free by then. */
  let attempts: number;
  const clock: Clock = {
    now: () => ms,
    monotonic: () => ms,
    sleep: async (wait) => {
      ms += wait;
    },
    timer: () => ({ cancel: () => {} }),
  };
  const opensAt = (attempt: number) => async () => {
    attempts++;
    if (attempts < attempt) throw locked();
    return 'opened';
  };
  const claim = (kind: typeof claimOrYield, open: () => Promise<string>) => kind({ dataDir, clock, open });
  const publish = (more: Partial<ServerNote> = {}) => discoveryOf(dataDir, { ...note, ...more }).publish();

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'onmemos-claim-'));
    other = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    note = { url: `http://127.0.0.1:${port}`, pid: process.pid, version: '1', embedded: true };
    ms = 0;
    attempts = 0;
    vi.spyOn(console, 'error').mockImplementation(() => {});
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    other.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('that is free is taken at once, and what a killed server left is gone before it is served', async () => {
    for (const kind of [claimOrYield, claimOrTakeOver]) {
      await publish();
      await writeFile(join(dataDir, 'hand-over'), '');
      expect(await claim(kind, opensAt(0))).toBe('opened');
      expect(await readdir(dataDir)).toEqual([]);
    }
    expect(ms).toBe(0);
  });

  it('whose server can not be opened for another reason is not tried again', async () => {
    const broken = async () => {
      attempts++;
      throw new Error('the disk is full');
    };
    await expect(claim(claimOrYield, broken)).rejects.toThrow('the disk is full');
    await expect(claim(claimOrTakeOver, broken)).rejects.toThrow('the disk is full');
    expect(attempts).toBe(2);
  });

  it('is left by an embedded server to one that answers, of either kind', async () => {
    for (const embedded of [true, false]) {
      await publish({ embedded });
      await expect(claim(claimOrYield, opensAt(9))).rejects.toThrow(FolderServed);
    }
    expect(attempts).toBe(2);
    expect(await readdir(dataDir)).toEqual(['server.json']);
  });

  it('is waited for by an embedded server where the other one has not said that it serves', async () => {
    expect(await claim(claimOrYield, opensAt(4))).toBe('opened');
  });

  it('is not left by an embedded server to a note whose process is gone, or that nobody answers', async () => {
    await publish({ pid: NOBODY });
    expect(await claim(claimOrYield, opensAt(4))).toBe('opened');
    attempts = 0;
    await publish({ url: 'http://127.0.0.1:1' });
    expect(await claim(claimOrYield, opensAt(4))).toBe('opened');
  });

  it('that never comes free, and nobody serves, is given up', async () => {
    await expect(claim(claimOrYield, opensAt(1e9))).rejects.toMatchObject({ name: 'StoreLocked' });
    await expect(claim(claimOrTakeOver, opensAt(1e9))).rejects.toMatchObject({ name: 'StoreLocked' });
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('of a server that stays is not asked for', async () => {
    await publish({ embedded: false });
    await expect(claim(claimOrTakeOver, opensAt(9))).rejects.toMatchObject({ name: 'StoreLocked' });
    expect(attempts).toBe(1);
    expect(await readdir(dataDir)).toEqual(['server.json']);
  });

  it('of an embedded server is asked for until it comes free', async () => {
    await publish();
    const asked: boolean[] = [];
    const open = async () => {
      asked.push((await readdir(dataDir)).includes('hand-over'));
      return opensAt(4)();
    };
    expect(await claim(claimOrTakeOver, open)).toBe('opened');
    expect(asked).toEqual([false, true, true, true]);
    expect(await readdir(dataDir)).toEqual([]);
    expect(console.error).toHaveBeenCalledOnce();
  });

  it('of an embedded server that goes on is let be, in a sentence that says how to end it', async () => {
    await publish();
    const refused = claim(claimOrTakeOver, opensAt(1e9));
    await expect(refused).rejects.toThrow(FolderServed);
    // What helps at once is said first.
    await expect(refused).rejects.toThrow(new RegExp(`\\nEnd it by \`kill ${process.pid}\`, then start again`));
    expect(await readdir(dataDir)).toEqual(['server.json']);
    expect(JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8'))).toEqual(note);
  });
});
