import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectExec } from '#platform/protocol/exec-channel.ts';
import { type Architecture, buildAgent } from '../../agent/build/binary.ts';
import { residentBytes } from '../conformance/exec/local-target.ts';
import { agentMissing, agentProgram, go, startAgent } from '../support/agent.ts';

const run = promisify(execFile);
const AGENT = join(import.meta.dirname, '../../agent');
const HOST: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const MIB = 1024 * 1024;

describe.skipIf(agentMissing !== null)('the agent', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'onmemos-agent-test-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('is formatted and vetted', async () => {
    const { stdout } = await run('gofmt', ['-l', '.'], { cwd: AGENT });
    expect(stdout).toBe('');
    await go(['vet', './...']);
  });

  it('passes its own tests', async () => {
    const out = await go(['test', '-count=1', './...']);
    const packages = (await readdir(join(AGENT, 'internal'))).length + 1;
    expect(out.match(/^(ok|\?) /gm)).toHaveLength(packages);
  });

  it('is the same, byte for byte, from two folders', async () => {
    const copy = join(dir, 'elsewhere', 'sources');
    await cp(AGENT, copy, { recursive: true, filter: (path) => !/\/(dist|build)$/.test(path) });
    const [one, two] = [await buildAgent(HOST, join(dir, 'one')), await buildAgent(HOST, join(dir, 'two'), copy)];
    expect(two.sha256).toBe(one.sha256);
    expect(one.bytes).toBeLessThan(10 * MIB);
  });

  it('takes little memory while nothing runs, and gives back what a session took', async () => {
    const program = await agentProgram();
    const agent = await startAgent(program);
    try {
      const channel = await connectExec(await agent.connect());
      expect(await residentBytes(agent.pid)).toBeLessThan(15 * MIB);
      for (let i = 0; i < 20; i++) {
        const exec_id = `e${i}`;
        await channel.start({ exec_id, command: 'head -c 5000000 /dev/zero', timeout_ms: null, log_limit_mb: 8 });
        let bytes = 0;
        for await (const event of channel.read(exec_id, 0)) if (event.type === 'chunk') bytes += event.data.byteLength;
        expect(bytes).toBe(5_000_000);
      }
      expect(await residentBytes(agent.pid)).toBeLessThan(40 * MIB);
      channel.close();
    } finally {
      await agent.close();
      await rm(program, { force: true });
    }
  });
});
