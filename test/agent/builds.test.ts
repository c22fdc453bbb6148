import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ARCHITECTURES, buildAgent } from '../../agent/build/binary.ts';
import { agentMissing, go } from '../support/agent.ts';

const MIB = 1024 * 1024;
/** Of an ELF file: the processor, and the kind of program header that names a dynamic loader. */
const MACHINES = { amd64: 0x3e, arm64: 0xb7 };
const INTERPRETER = 3;

describe.skipIf(agentMissing !== null)('the agent', () => {
  it.each(ARCHITECTURES)('for %s is static, of its processor, and the same on two builds', async (arch) => {
    const dir = await mkdtemp(join(tmpdir(), 'onmemos-agent-build-'));
    try {
      const [one, two] = [await buildAgent(arch, join(dir, 'one')), await buildAgent(arch, join(dir, 'two'))];
      expect(two.sha256).toBe(one.sha256);
      expect(one.bytes).toBeLessThan(10 * MIB);
      process.stdout.write(`the agent for ${arch}: ${(one.bytes / MIB).toFixed(2)} MiB, sha256 ${one.sha256}\n`);
      const file = await readFile(one.path);
      expect(file.readUInt16LE(18)).toBe(MACHINES[arch]);
      const [at, size, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(54), file.readUInt16LE(56)];
      const kinds = Array.from({ length: count }, (_, i) => file.readUInt32LE(at + i * size));
      expect(kinds).not.toContain(INTERPRETER);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('passes its own tests under the race detector', async () => {
    const out = await go(['test', '-race', '-count=1', './...'], { CGO_ENABLED: '1' });
    expect(out).toMatch(/^ok /m);
  });
});
