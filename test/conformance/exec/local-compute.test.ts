import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMAGES } from '#domain/images.ts';
import { planLocal } from '#domain/plan-local.ts';
import { localCompute } from '#drivers/compute/local/local-compute.ts';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/logger.ts';
import { SessionGone } from '#ports/compute.ts';
import { at, foldersIn, KEEPER_MAIN, type LocalTarget, localTarget } from './local-target.ts';
import { collect, until } from './suite.ts';

const run = promisify(execFile);
const processesWith = async (word: string): Promise<string[]> =>
  (await run('ps', ['-eo', 'pid,args'])).stdout
    .split('\n')
    .filter((line) => line.includes(word) && !line.includes('ps -eo'));

const start = (exec_id: string, command: string) => ({ exec_id, command, timeout_ms: null, log_limit_mb: 1 });

/** Folders of sandboxes; what starts with a dot is the keeper's own. */
const sandboxesIn = async (dataDir: string): Promise<string[]> =>
  (await readdir(join(dataDir, 'sandboxes'))).filter((name) => !name.startsWith('.'));

describe('localCompute', () => {
  let target: LocalTarget;
  beforeAll(async () => {
    target = await localTarget();
  });
  afterAll(async () => {
    await target?.close();
  });

  it('makes a session once, however many ask', async () => {
    const { compute, ensure } = target;
    const seen = await Promise.all(Array.from({ length: 10 }, () => ensure('once')));
    expect(new Set(seen.map(({ started_at }) => started_at)).size).toBe(1);
    expect(seen[0]).toMatchObject({ state: 'running', ended_at: null, reason: null });
    expect((await compute.list()).filter(({ target: { key } }) => key === 'once')).toHaveLength(1);
    await compute.remove(at('once'), { grace_ms: 0 });
  });

  it('keeps the record of an ended session and never makes it again', async () => {
    const { compute, ensure } = target;
    const { started_at } = await ensure('ended');
    const removed = await compute.remove(at('ended'), { grace_ms: 0 });
    expect(removed).toMatchObject({ state: 'ended', started_at });
    expect(removed.ended_at).toBeGreaterThanOrEqual(started_at ?? Number.POSITIVE_INFINITY);
    expect(await ensure('ended')).toMatchObject({ state: 'ended', ended_at: removed.ended_at });
    expect(await compute.remove(at('ended'), { grace_ms: 0 })).toMatchObject({ state: 'ended' });
    const listed = async () => (await compute.list()).filter((owned) => owned.target.key === 'ended');
    expect(await listed()).toMatchObject([{ ended: true }]);
    await compute.forget(at('ended'));
    expect(await compute.observe(at('ended'))).toMatchObject({ state: 'absent', started_at: null, reason: null });
    expect(await listed()).toEqual([]);
  });

  it('ends a session at its deadline by itself, and the deadline can be moved, by none that comes late', async () => {
    const { compute, ensure } = target;
    await ensure('moved', { deadline: { at: systemClock.now() + 1_500, generation: 1 } });
    const channel = await compute.exec(at('moved'));
    await channel.deadline({ at: systemClock.now() + 600_000, generation: 3 });
    await channel.deadline({ at: systemClock.now() + 100, generation: 2 });
    await ensure('due', { deadline: { at: systemClock.now() + 300, generation: 1 } });
    await until(async () => (await compute.observe(at('due'))).state === 'ended');
    expect(await compute.observe(at('due'))).toMatchObject({ state: 'ended', reason: 'expired' });
    await systemClock.sleep(1_500);
    expect((await compute.observe(at('moved'))).state).toBe('running');
    await channel.deadline({ at: systemClock.now(), generation: 3 });
    await until(async () => (await compute.observe(at('moved'))).state === 'ended');
  });

  it('tells an exec channel that its session is gone', async () => {
    const { compute, ensure } = target;
    await ensure('gone');
    const channel = await compute.exec(at('gone'));
    await channel.start(start('e1', 'echo last; sleep 1000'));
    const read = collect(channel.read('e1', 0));
    await until(async () => ((await channel.get('e1'))?.next_offset ?? 0) > 0);
    await compute.remove(at('gone'), { grace_ms: 0 });
    expect((await read).exit).toMatchObject({ status: 'killed' });
    await expect(compute.exec(at('gone'))).rejects.toBeInstanceOf(SessionGone);
    await expect(compute.exec(at('never'))).rejects.toBeInstanceOf(SessionGone);
  });

  it('mounts the volume and the buckets of the session', async () => {
    const { compute, dataDir, ensure } = target;
    const volume = { provider: 'local', key: 'vol-1', size_mb: 100 };
    for (const folder of ['volumes/vol-1', 'buckets/buc-1']) await mkdir(join(dataDir, folder), { recursive: true });
    await ensure('mounts', { volume, buckets: [{ provider: 'local', key: 'buc-1', name: 'data', size_mb: 10 }] });
    await writeFile(join(dataDir, 'buckets', 'buc-1', 'from-outside'), 'hello');
    const channel = await compute.exec(at('mounts'));
    await channel.start(start('e1', 'echo kept > "$PWD/file"; cat /buckets/data/from-outside'));
    const { out, err, exit } = await collect(channel.read('e1', 0));
    expect({ out: out.toString(), err: err.toString(), code: exit?.exit_code }).toEqual({
      out: 'hello',
      err: '',
      code: 0,
    });
    await compute.remove(at('mounts'), { grace_ms: 0 });
    expect(await readFile(join(dataDir, 'volumes', 'vol-1', 'file'), 'utf8')).toBe('kept\n');
  });

  it('measures what a session uses', async () => {
    const { compute, ensure } = target;
    await ensure('busy');
    const channel = await compute.exec(at('busy'));
    await channel.start(start('e1', 'while :; do :; done'));
    await until(async () => ((await channel.usage()).cpu_percent ?? 0) > 10);
    const usage = await channel.usage();
    expect(usage.processes).toBeGreaterThanOrEqual(1);
    expect(usage.memory_mb).toBeGreaterThanOrEqual(0);
    await compute.remove(at('busy'), { grace_ms: 0 });
  });

  it('shares one keeper among servers, and sessions outlive each of them', async () => {
    const { compute, ensure } = target;
    const others = await Promise.all([target.another(), target.another()]);
    await ensure('shared', {}, others[0]);
    const channel = await others[0]?.exec(at('shared'));
    await channel?.start(start('e1', 'echo one; sleep 0.3; echo two'));
    for (const other of others) await other.close();
    const again = await compute.exec(at('shared'));
    expect((await collect(again.read('e1', 0))).out.toString()).toBe('one\ntwo\n');
    await compute.remove(at('shared'), { grace_ms: 0 });
  });

  it('loses nothing when a server and its whole process group are killed', async () => {
    const { compute, dataDir, ensure } = target;
    await ensure('killed');
    const program = join(import.meta.dirname, 'server-child.ts');
    const server = spawn(process.execPath, [program, dataDir, 'killed', 'e1'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(server.stdout, 'data');
    process.kill(-(server.pid ?? 0), 'SIGKILL');
    await once(server, 'exit');
    const channel = await compute.exec(at('killed'));
    const { out, exit } = await collect(channel.read('e1', 0));
    expect(out.toString()).toBe(Array.from({ length: 40 }, (_, i) => `line-${i}\n`).join(''));
    expect(exit).toMatchObject({ status: 'exited', exit_code: 0 });
    await compute.remove(at('killed'), { grace_ms: 0 });
  });

  it('starts one keeper though servers start together, and a keeper that is asked to ends with its sessions', async () => {
    const fresh = await localTarget('none');
    await fresh.compute.keeper.shutdown({ end_sessions: true, grace_ms: 0 });
    const servers = await Promise.all(Array.from({ length: 4 }, () => fresh.another()));
    await Promise.all(servers.map((server, i) => fresh.ensure(`s-${i}`, {}, server)));
    for (const server of servers) expect(await server.keeper.sessions()).toBe(4);
    // A server that is left would have the keeper back.
    for (const server of servers.slice(1)) await server.close();
    await servers[0]?.keeper.shutdown({ end_sessions: true, grace_ms: 0 });
    expect(await sandboxesIn(fresh.dataDir)).toEqual([]);
    await rm(fresh.dataDir, { recursive: true, maxRetries: 20, retryDelay: 100 });
  });

  it('keeps its socket and its folder from other users', async () => {
    const keeper = join(target.dataDir, 'keeper');
    expect((await stat(keeper)).mode & 0o777).toBe(0o700);
    expect((await stat(join(keeper, 'keeper.sock'))).mode & 0o777).toBe(0o600);
  });

  it('refuses to stop under running sessions unless they are to end', async () => {
    const { compute, ensure } = target;
    await ensure('runs');
    await expect(compute.keeper.shutdown({ end_sessions: false, grace_ms: 0 })).rejects.toThrow('1 sessions run');
    expect(await compute.keeper.sessions()).toBe(1);
    await compute.remove(at('runs'), { grace_ms: 0 });
  });

  it('leaves nothing when the keeper is killed, and says that it was lost', async () => {
    const { compute, dataDir, ensure } = target;
    await ensure('lost');
    const channel = await compute.exec(at('lost'));
    await channel.start(start('e1', 'sleep 98765'));
    const waiting = channel.wait('e1');
    process.kill(await target.keeperPid(), 'SIGKILL');
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    await until(async () => (await compute.observe(at('lost'))).state === 'absent');
    const observed = await compute.observe(at('lost'));
    expect(observed).toMatchObject({ state: 'absent', reason: 'keeper_lost', ended_at: null });
    expect(observed.started_at).toBeGreaterThan(0);
    await until(async () => (await processesWith('sleep 98765')).length === 0);
    expect(await readFile('/proc/mounts', 'utf8')).not.toContain(dataDir);
    expect(await sandboxesIn(dataDir)).toEqual([]);
    await expect(compute.exec(at('lost'))).rejects.toBeInstanceOf(SessionGone);
    expect((await compute.list()).filter(({ ended }) => !ended)).toEqual([]);
  });

  it('starts anew after the keeper has been killed', async () => {
    const { compute, ensure } = target;
    await ensure('after');
    const channel = await compute.exec(at('after'));
    await channel.start(start('e1', 'echo works'));
    expect((await collect(channel.read('e1', 0))).out.toString()).toBe('works\n');
    await compute.remove(at('after'), { grace_ms: 0 });
  });
});

describe('plan', () => {
  let target: LocalTarget;
  beforeAll(async () => {
    target = await localTarget('none');
  });
  afterAll(async () => {
    await target?.close();
  });

  it('clamps to the machine and says so', () => {
    const { compute, spec } = target;
    const { cpu_millis, memory_mb } = compute.keeper.capabilities;
    const plan = compute.plan(
      spec('x', { cpu_limit_millis: 512_000, memory_limit_mb: 9_000_000, gpu: { type: 't4', count: 1 } }),
    );
    expect(plan).toMatchObject({ ok: true, shape: 'local', cpu_millis, memory_mb, gpu: null });
    expect(plan.ok && plan.warnings.join(' ')).toMatch(/512.*memory.*t4 GPU.*isolation/s);
    expect(plan.ok && plan.details).toMatchObject({ driver: 'local', image: 'host', isolation: 'none' });
  });

  it('names what an image would bring that the machine lacks, or has in another version', () => {
    const { compute, spec } = target;
    const lacking = compute.plan(spec('x', { image: { type: 'cuda_enterprise', url: null, tag: null } }));
    expect(lacking.ok && lacking.warnings).toContain(
      'This machine lacks nvidia-smi, which the image cuda_enterprise would bring.',
    );
    const tagged = compute.plan(spec('x', { image: { type: 'alpine', url: null, tag: '3.11' } }));
    expect(tagged.ok && tagged.warnings.join()).toMatch(/run no images: .* not of alpine:3\.11\./);
    const custom = compute.plan(spec('x', { image: { type: 'custom', url: 'ghcr.io/a/b:1', tag: null } }));
    expect(custom.ok && custom.warnings.join()).toContain('ghcr.io/a/b:1');
  });

  it('says at ensure where the workspace is', async () => {
    const { compute, ensure } = target;
    const { details } = await ensure('plain');
    expect(existsSync(String(details?.workspace_path))).toBe(true);
    await compute.remove(at('plain'), { grace_ms: 0 });
    expect(existsSync(String(details?.workspace_path))).toBe(false);
  });
});

describe('a keeper that can not start', () => {
  it('tells the operator why', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-refused-'));
    const refused = localCompute({
      dataDir,
      clock: systemClock,
      log: createLogger({ level: 'silent' }),
      keeperCommand: [process.execPath, KEEPER_MAIN],
      network: 'nonsense' as 'auto',
      folders: foldersIn(dataDir),
      planner: planLocal,
      images: IMAGES,
    });
    await expect(refused).rejects.toThrow('--network must be one of auto, host, none');
    await rm(dataDir, { recursive: true });
  });
});

describe('a data folder with a long path', () => {
  it('has a keeper too', async () => {
    const before = process.env.TMPDIR;
    const long = join(before ?? '/tmp', `onmemos-${'long-'.repeat(20)}`);
    await mkdir(long, { recursive: true });
    process.env.TMPDIR = long;
    const target = await localTarget('none').finally(() => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    });
    expect((await target.ensure('s')).state).toBe('running');
    const other = await target.another();
    expect(await other.keeper.sessions()).toBe(1);
    await other.close();
    await target.close();
    await rm(long, { recursive: true });
  });
});
