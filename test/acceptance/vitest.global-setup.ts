import type { TestProject } from 'vitest/node';
import { type RunningServer, startServer, stopServer } from './support/server.ts';
import './support/target-context.ts';

const started: RunningServer[] = [];

/**
 * The suite runs against ONMEMOS_BASE_URL with ONMEMOS_API_KEY (an admin key). Where they are not set it starts two
 * servers of this machine, one of them with prices, and ends them with all their sessions.
 */
export const setup = async (project: TestProject): Promise<void> => {
  const { ONMEMOS_BASE_URL: url, ONMEMOS_API_KEY: key } = process.env;
  if (url && key) {
    project.provide('onmemos', { url: url.replace(/\/+$/, ''), key });
    project.provide('onmemosPriced', null);
    return;
  }
  try {
    for (const env of [{}, { ONMEMOS_SHADOW_PROVIDER: 'gke' }]) started.push(await startServer({ env }));
    const [plain, priced] = started.map((server) => ({ url: server.url, key: server.key }));
    if (!plain || !priced) throw new Error('two servers were to be started');
    project.provide('onmemos', plain);
    project.provide('onmemosPriced', priced);
  } catch (error) {
    await teardown();
    throw error;
  }
};

export const teardown = async (): Promise<void> => {
  const ends = await Promise.allSettled(started.splice(0).map(stopServer));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
};
