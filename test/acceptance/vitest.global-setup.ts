import type { TestProject } from 'vitest/node';
import { type RunningServer, startServer, stopServer } from './support/server.ts';
import './support/target-context.ts';

/**
 * The suite runs against ONMEMOS_BASE_URL with ONMEMOS_API_KEY (an admin key). Where they are not set it starts two
 * servers of this machine, one of them with prices, and ends them with all their sessions.
 */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const { ONMEMOS_BASE_URL: url, ONMEMOS_API_KEY: key } = process.env;
  if (url && key) {
    project.provide('onmemos', { url: url.replace(/\/+$/, ''), key });
    project.provide('onmemosPriced', null);
    return async () => {};
  }
  const started: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    const ends = await Promise.allSettled(started.map(stopServer));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };
  try {
    const plain = await startServer();
    started.push(plain);
    const priced = await startServer({ env: { ONMEMOS_SHADOW_PROVIDER: 'gke' } });
    started.push(priced);
    project.provide('onmemos', { url: plain.url, key: plain.key });
    project.provide('onmemosPriced', { url: priced.url, key: priced.key });
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
};
