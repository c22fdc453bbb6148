import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gcsStorage } from '#drivers/storage/gcs/open.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import { storagesOf } from '#wiring/providers.ts';
import { JOBS } from '../../../functions/scheduler/jobs.ts';
import { runTick } from '../../../functions/scheduler/tick.ts';
import { openPlatform } from '../../api/support/platform.ts';
import { type Counts, countsOf } from './documents.ts';
import type { CountedStore } from './life.ts';
import type { BillRow } from './lives-bill.ts';
import { usdOf } from './prices.ts';

/** Answers as Cloud Storage does where a project has no bucket. */
const noBuckets = async () => {
  let listings = 0;
  const server = createServer((request, response) => {
    if (request.method === 'GET' && /^(\/storage\/v1)?\/b\?/.test(request.url ?? '')) listings += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind: 'storage#buckets', items: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: (): number => {
      const taken = listings;
      listings = 0;
      return taken;
    },
    close: () => server.close(),
  };
};

/** What one tick of the scheduler does where no user calls. */
interface IdleTick {
  readonly documents: Counts;
  /** Lists of buckets. */
  readonly listings: number;
  readonly tasks: number;
}

export const idleTick = async (firestore: CountedStore): Promise<IdleTick> => {
  const buckets = await noBuckets();
  let tasks = 0;
  const platform = await openPlatform((given) => ({
    ...given,
    store: firestore.store,
    lanes: createLanes(firestore.store),
    settings: { ...given.settings, mode: 'google-cloud' },
    queue: { enqueue: async () => Boolean(++tasks) },
    storages: storagesOf([
      gcsStorage({
        ...{ project: 'idle', deployment: 'idle', location: 'us-central1', apiEndpoint: buckets.url },
        ...{ clock: given.clock, ids: given.ids },
      }),
    ]),
  }));
  try {
    const tick = async (): Promise<void> => {
      const { busy, jobs } = await runTick(platform.deps, JOBS);
      if (busy || Object.values(jobs).includes(null)) throw new Error(`a job failed: ${JSON.stringify(jobs)}`);
    };
    // The first one makes the lease.
    await tick();
    firestore.taken();
    buckets.taken();
    tasks = 0;
    await tick();
    return { documents: countsOf(firestore.taken()), listings: buckets.taken(), tasks };
  } finally {
    await platform.close();
    buckets.close();
  }
};

/** A month of 730 hours. */
const TICKS = 730 * 60;

/** Of the scheduler. It has a processor while it answers, and Google Cloud bills it in steps of 100 ms. */
const SIZE = { vcpu: 1, gib: 0.5 } as const;
const STEP_SECONDS = 0.1;

/** What each step that a tick takes adds to a month. How many it takes only a deployment can tell. */
export const tickStepUsd = (): number =>
  TICKS * STEP_SECONDS * (usdOf('vcpu_second', SIZE.vcpu) + usdOf('gib_second', SIZE.gib));

/** What a month without calls costs. Nothing else calls, and no instance is kept. */
export const idleBill = ({ documents: { read, write, delete: deleted }, listings, tasks }: IdleTick): BillRow[] => [
  { id: 'reads', what: `${read} documents read in a tick`, usd: usdOf('read', read * TICKS) },
  { id: 'writes', what: `${write} written`, usd: usdOf('write', write * TICKS) },
  { id: 'deletes', what: `${deleted} deleted`, usd: usdOf('delete', deleted * TICKS) },
  { id: 'buckets', what: `${listings} list of buckets`, usd: usdOf('bucket_listing', listings * TICKS) },
  { id: 'tasks', what: `${tasks} tasks; Cloud Tasks is not polled`, usd: usdOf('task_operation', 2 * tasks * TICKS) },
  { id: 'requests', what: '1 request to the scheduler', usd: usdOf('request', TICKS) },
  { id: 'schedule', what: '1 job of Cloud Scheduler', usd: usdOf('schedule_month', 1) },
];
