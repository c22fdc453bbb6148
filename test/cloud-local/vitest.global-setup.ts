import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTopology, type Topology } from './topology.ts';
import { fakeGcsProgram } from '../support/fake-gcs/program.ts';
import { freePort } from '../support/free-port.ts';
import '../acceptance/support/target-context.ts';

// Google’s clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

let topology: Topology | null = null;
let dataDir: string | null = null;

/** The suite runs against the deployment for Google Cloud on this machine, which is started for it. */
export const setup = async (project: TestProject): Promise<void> => {
  dataDir = await mkdtemp(join(tmpdir(), 'onmemos-cloud-'));
  try {
    topology = await startTopology({
      port: await freePort(),
      dataDir,
      project: 'onmemos-acceptance',
      buckets: 'program' in (await fakeGcsProgram()),
    });
    project.provide('onmemos', { url: topology.url, key: topology.key });
    project.provide('onmemosPriced', null);
  } catch (error) {
    await teardown();
    throw error;
  }
};

export const teardown = async (): Promise<void> => {
  await topology?.stop();
  if (dataDir !== null) await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
};
