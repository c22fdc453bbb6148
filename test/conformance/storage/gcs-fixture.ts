import { Storage } from '@google-cloud/storage';
import { bucketNames } from '#drivers/storage/gcs/names.ts';
import { type GcsStorageOptions, gcsStorage } from '#drivers/storage/gcs/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { type FakeGcs, startFakeGcs } from '../../support/fake-gcs.ts';
import { fakeGcsProgram } from '../../support/fake-gcs/program.ts';
import type { Asked } from '../../support/fake-gcs/asked.ts';

// Google's client asks a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

/** The server; null where it can't be built here, with what is missing. */
export const startedGcs = async (): Promise<{ readonly gcs: FakeGcs | null; readonly missing: string }> => {
  const program = await fakeGcsProgram();
  if ('missing' in program) return { gcs: null, missing: `: ${program.missing}` };
  return { gcs: await startFakeGcs(program.program), missing: '' };
};

let deployments = 0;
export const nextDeployment = (): string => `test-${deployments + 1}`;

/** A deployment of its own for each test, so that none sees another's buckets. */
export const opened = (server: FakeGcs, more: Partial<GcsStorageOptions> = {}) => {
  deployments += 1;
  const deployment = more.deployment ?? `test-${deployments}`;
  const options = {
    ...{ project: 'project-1', deployment, location: 'us-central1', clock: systemClock, ids: systemIds },
    ...{ apiEndpoint: server.relay.url, change_every_ms: 1 },
    ...more,
  };
  const names = bucketNames(options.project, options.deployment);
  // Past the relay: what a session writes is not the driver's request.
  const client = new Storage({ projectId: options.project, apiEndpoint: server.url });
  return {
    driver: gcsStorage(options),
    again: () => gcsStorage(options),
    names,
    client,
    write: (key: string, name: string, bytes: number) =>
      client.bucket(names.nameOf(key)).file(name).save(Buffer.alloc(bytes, 'x'), { resumable: false }),
  };
};

export const isCreate = ({ method, path }: Asked): boolean => method === 'POST' && path === '/b';
export const isDrop = ({ method, path }: Asked): boolean => method === 'DELETE' && /^\/b\/[^/]+$/.test(path);
export const isErase = ({ method, path }: Asked): boolean => method === 'DELETE' && path.includes('/o/');
export const isLook = ({ method, path }: Asked): boolean => method === 'GET' && /^\/b\/[^/]+$/.test(path);
