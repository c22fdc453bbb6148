import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE, type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import { until } from '../../acceptance/support/until.ts';
import { cutPlan } from '../faults/plan.ts';
import { type FaultProxy, startFaultProxy } from '../faults/proxy.ts';
import { seedOfRun } from '../faults/random.ts';
import { CLI, call, type Home, makeHome } from './support/cli.ts';
import { cliTerminal } from './support/terminal.ts';

const BYTES = 8 * 1024 * 1024;
const CUTS = 6;
/** More than the 64 MiB that a log keeps. */
const MUCH = 100 * 1024 * 1024;

let server: RunningServer;
let home: Home;
let proxy: FaultProxy;
let session: string;
let far: Readonly<Record<string, string>>;

beforeAll(async () => {
  server = await startServer();
  home = await makeHome({ ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key, ONMEMOS_USER: 'ada' });
  session = (await call(['sessions', 'create', '--quiet', '--ttl', '30m'], home)).stdout.trim();
  const seed = seedOfRun();
  const plan = cutPlan({ seed, route: /\/(output|attach)\b/, cuts: CUTS, within: BYTES / 2 });
  proxy = await startFaultProxy(server.url, plan);
  far = { ...home.env, ONMEMOS_BASE_URL: proxy.url };
});
afterAll(async () => {
  await proxy.stop();
  await stopServer(server);
  await home.remove();
});

/** The digest of what the program prints, and its code. */
const digest = async (
  args: readonly string[],
  input?: Uint8Array,
  rests_ms = 0,
): Promise<{ sha256: string; code: number }> => {
  const child = spawn(NODE, [CLI, ...args], { env: far, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'inherit'] });
  const hash = createHash('sha256');
  let read = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    read += chunk.length;
    if (rests_ms === 0 || read < MUCH / 8) return;
    read = 0;
    child.stdout?.pause();
    setTimeout(() => child.stdout?.resume(), rests_ms);
  });
  child.stdin?.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { sha256: hash.digest('hex'), code };
};

describe('a connection that is cut', () => {
  it('costs the output of a command, and of its log, not a byte', async () => {
    const made = await call(['exec', session, '--', `head -c ${BYTES} /dev/urandom > big && sha256sum < big`], home);
    const sha256 = made.stdout.slice(0, 64);
    expect(await digest(['exec', session, '--', 'cat big; exit 5'])).toEqual({ sha256, code: 5 });
    expect(proxy.tally.faults.all).toBeGreaterThan(0);
    expect(await digest(['logs', '-f', session])).toEqual({ sha256, code: 0 });
    expect(proxy.tally.broken).toEqual([]);
  });

  it('costs nothing of more output than a log keeps, read slowly', async () => {
    const made = await call(['exec', session, '--', `head -c ${MUCH} /dev/urandom > much && sha256sum < much`], home);
    expect(await digest(['exec', session, '--', 'cat much; exit 5'], undefined, 300)).toEqual({
      sha256: made.stdout.slice(0, 64),
      code: 5,
    });
    expect((await call(['jobs', session, '--json'], home)).stdout).not.toContain('"truncated": true');
    await call(['exec', '-d', session, '--', 'cat much'], home);
    const dropped = async () => /\b0 \(output dropped\)/.exec((await call(['jobs', session], home)).stdout);
    await until('the job has ended', dropped);
  });

  it('costs the input of a command nothing', async () => {
    const input = Buffer.alloc(BYTES / 4, 'every line of it\n');
    const sha256 = createHash('sha256').update(input).digest('hex');
    expect(await digest(['exec', session, '--', 'cat'], input)).toEqual({ sha256, code: 0 });
  });

  it('is not noticed in a shell', async () => {
    const screen = cliTerminal(['shell', session], { env: far, cols: 80, rows: 24 });
    await screen.see(/[#$] /);
    screen.type('echo be"fore"\r');
    await screen.see('before');
    await proxy.interrupt(1_000);
    screen.type('echo af"ter"; stty size\r');
    await screen.see('after');
    await screen.see('24 80');
    screen.type('exit 4\r');
    expect((await screen.ended).code).toBe(4);
    expect(screen.text().match(/after\n/g)).toHaveLength(1);
  });
});
