/** `npm run agent:build`: the agent for every processor that nodes have, into agent/dist. */
import { join } from 'node:path';
import { ARCHITECTURES, buildAgent, goMissing } from './binary.ts';

/** A node downloads it, and each session has it once. */
const MOST_BYTES = 10 * 1024 * 1024;

const missing = await goMissing();
if (missing !== null) {
  process.stderr.write(`The agent is built by Go, which is not here: ${missing}\n`);
  process.exit(1);
}
for (const arch of ARCHITECTURES) {
  const { path, bytes, sha256 } = await buildAgent(
    arch,
    join(import.meta.dirname, '..', 'dist', `onmemos-agent-linux-${arch}`),
  );
  process.stdout.write(`${path}  ${(bytes / 1024 / 1024).toFixed(2)} MiB  sha256 ${sha256}\n`);
  if (bytes > MOST_BYTES) throw new Error(`the agent for ${arch} has ${bytes} bytes; at most are ${MOST_BYTES}`);
}
