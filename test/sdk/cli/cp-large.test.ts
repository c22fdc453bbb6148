import { createHash, randomBytes } from 'node:crypto';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NODE, type RunningServer } from '../../acceptance/support/server.ts';
import { stopwatch, costText } from '../../run/cpu.ts';
import { cutPlan } from '../faults/plan.ts';
import { type FaultProxy, startFaultProxy } from '../faults/proxy.ts';
import { seedOfRun } from '../faults/random.ts';
import { CLI, call, type Home, launch } from './support/cli.ts';
import { closeServed, openServed } from './support/served.ts';
import { eventually } from './support/tidy.ts';

const MB = 1_000_000;
const asRoot = process.getuid?.() === 0;

let server: RunningServer;
let home: Home;
let session: string;
let here: string;

beforeAll(async () => {
  ({ server, home } = await openServed());
  session = (
    await call(['sessions', 'create', '--quiet', '--ttl', '2h', '--package', 'dev_large'], home)
  ).stdout.trim();
});
afterAll(() => closeServed({ server, home }));
beforeEach(async () => {
  here = await mkdtemp(join(tmpdir(), 'onmemos-cp-'));
});
afterEach(async () => {
  await rm(here, { recursive: true, force: true });
  await inSession('rm -rf -- * .[!.]*');
});

const inSession = async (command: string): Promise<string> => {
  const { stdout, stderr, code } = await call(['exec', '--no-input', session, '--', command], home);
  if (code !== 0) throw new Error(`${command}: ${code}, ${stderr}`);
  return stdout;
};
const cp = (from: string, to: string, env: Readonly<Record<string, string>> = {}) =>
  launch(['cp', from.replace(/^S:/, `${session}:`), to.replace(/^S:/, `${session}:`)], {
    env: { ...home.env, ...env },
    cwd: here,
  });

/** Bytes that no compression makes fewer. @returns their digest */
const makeFile = async (path: string, megabytes: number): Promise<string> => {
  const hash = createHash('sha256');
  const block = randomBytes(MB);
  const blocks = function* (): Generator<Buffer> {
    for (let n = 0; n < megabytes; n++) {
      // Each block is another one.
      block.writeUInt32BE(n);
      hash.update(block);
      yield Buffer.from(block);
    }
  };
  await pipeline(Readable.from(blocks()), createWriteStream(path));
  return hash.digest('hex');
};
const digestOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
};
const digestThere = async (path: string): Promise<string> => (await inSession(`sha256sum ${path}`)).slice(0, 64);

/** A proxy that cuts the connections of a copy, at random bytes of what the server sends. */
const cutting = (cuts: number, within: number): Promise<FaultProxy> =>
  startFaultProxy(server.url, cutPlan({ seed: seedOfRun(), route: /\/attach\b/, cuts, within }));

const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
  const read = stopwatch();
  await work();
  process.stdout.write(`onmemos cp, ${what}: ${costText(read())}\n`);
};

describe('a copy of much data', () => {
  it('of 2 GB into a session and out of it is the same', async () => {
    const digest = await makeFile(join(here, 'big'), 2_000);
    await timed('2 GB in', async () => expect(await cp('big', 'S:big').ended).toMatchObject({ code: 0 }));
    expect(await digestThere('big')).toBe(digest);
    await rm(join(here, 'big'));
    await timed('2 GB out', async () => expect(await cp('S:big', 'back').ended).toMatchObject({ code: 0 }));
    expect(await digestOf(join(here, 'back'))).toBe(digest);
  });

  it('over a cut connection is the same, both ways', async () => {
    const digest = await makeFile(join(here, 'big'), 200);
    for (const [from, to, within] of [
      // The server answers each piece that it takes with a few bytes.
      ['big', 'S:big', 1_000],
      ['S:big', 'back', 50 * MB],
    ] as const) {
      const proxy = await cutting(3, within);
      try {
        const copy = cp(from, to, { ONMEMOS_BASE_URL: proxy.url });
        expect(await copy.ended).toMatchObject({ code: 0 });
        expect(proxy.tally.faults.all).toBe(3);
      } finally {
        await proxy.stop();
      }
    }
    expect([await digestThere('big'), await digestOf(join(here, 'back'))]).toEqual([digest, digest]);
  });

  it('for a slow reader is whole', async () => {
    await inSession('head -c 100000000 /dev/urandom > big');
    const child = spawn(NODE, [CLI, 'cp', `${session}:big`, '-'], {
      env: home.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const archive = createWriteStream(join(here, 'big.tar'));
    const over = once(child, 'close');
    for await (const chunk of child.stdout) {
      archive.write(chunk);
      await pause(5);
    }
    archive.end();
    await once(archive, 'close');
    expect((await over)[0]).toBe(0);
    execFileSync('tar', ['xf', 'big.tar'], { cwd: here });
    expect(await digestOf(join(here, 'big'))).toBe(await digestThere('big'));
  });
});

describe('a copy that is cut short', () => {
  const running = async (): Promise<number> => {
    const jobs = JSON.parse((await call(['jobs', session, '--all', '--json'], home)).stdout) as { status: string }[];
    return jobs.filter(({ status }) => status === 'running').length;
  };

  it('by Ctrl-C leaves the file that was there, and nothing running', async () => {
    await inSession('head -c 1000000000 /dev/zero > big');
    await writeFile(join(here, 'back'), 'the one before');
    const out = cp('S:big', 'back');
    await eventually(
      async () => Promise.all((await readdir(here)).map(async (name) => (await stat(join(here, name))).size)),
      (sizes) => sizes.some((size) => size > 10 * MB),
      'the first megabytes',
    );
    out.child.kill('SIGINT');
    expect((await out.ended).code).toBe(130);
    expect(await readdir(here)).toEqual(['back']);
    expect(await readFile(join(here, 'back'), 'utf8')).toBe('the one before');

    await inSession('rm big; echo the one before > big');
    await makeFile(join(here, 'large'), 1_000);
    const up = cp('large', 'S:big');
    const sizes = `for f in .onmemos-*; do stat -c %s "$f" 2>/dev/null || echo 0; done`;
    await eventually(
      () => inSession(sizes),
      (text) => Number(text) > 10 * MB,
      'the first megabytes',
    );
    up.child.kill('SIGINT');
    expect((await up.ended).code).toBe(130);
    await eventually(running, (count) => count === 0, 'the end of tar');
    expect(await inSession('ls -A; cat big')).toBe('big\nthe one before\n');
  });

  it.runIf(asRoot)('by a full disk says so and leaves nothing of the file', async () => {
    const small = join(here, 'small');
    await mkdir(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', small]);
    try {
      await inSession('head -c 100000000 /dev/urandom > big');
      const { code, stderr } = await cp('S:big', 'small/big').ended;
      expect([code, stderr]).toEqual([1, expect.stringContaining('There is no space left')]);
      expect(await readdir(small)).toEqual([]);
      await eventually(running, (count) => count === 0, 'the end of tar');
    } finally {
      execFileSync('umount', [small]);
    }
  });
});
