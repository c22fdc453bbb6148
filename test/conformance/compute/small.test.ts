import { systemClock } from '#platform/clock.ts';
import { smallCompute } from '../../fixtures/small-compute.ts';
import { openTestHost, silent } from '../../support/sandbox/host.ts';
import { computeConformance } from './suite.ts';

computeConformance('small', async () => {
  const opened = await openTestHost({ isolation: 'none' });
  const cloud = { host: opened.host, clock: systemClock, log: silent, bodies: new Map() };
  return {
    compute: smallCompute(cloud),
    spec: (session_id, given) => ({
      ...{ session_id, owner: 'user-1', workspace_id: 'ws-1', provider: 'gke' },
      ...{ cpu_request_millis: 500, cpu_limit_millis: 1000, memory_request_mb: 256, memory_limit_mb: 512 },
      ...{ gpu: null, image: { type: 'alpine', url: null, tag: null }, life_minutes: 30, disk_mb: 1024 },
      deadline: { at: systemClock.now() + 1_800_000, generation: 1 },
      ...{ volume: null, buckets: [], network: 'default' as const },
      ...given,
    }),
    tooLarge: { gpu: { type: 't4', count: 1 } },
    another: async () => smallCompute(cloud),
    close: async () => opened[Symbol.asyncDispose](),
  };
});
