import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from './support/api.ts';
import type { Executed, Job, Session } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { type Person, person, running, workspace } from './support/world.ts';

const page = await readFile(join(import.meta.dirname, '../../docs/migration.md'), 'utf8');

/** The rows of the table below a heading, without code marks. */
const rows = (heading: string): string[][] => {
  const table =
    page
      .split(`\n### ${heading}\n`)[1]
      ?.split('\n\n')
      .find((part) => part.trim().startsWith('|')) ?? '';
  const lines = table.trim().split('\n').slice(2);
  return lines.map((line) =>
    line
      .replaceAll('`', '')
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
};

let owner: Person;
let workspace_id: string;
let session: Session;
beforeAll(async () => {
  owner = await person(admin, 'enterprise');
  workspace_id = await workspace(admin, owner.id);
  session = await running(admin, { ...body(), request_persistent_storage: true, request_bucket: true });
});
afterAll(() => admin.del(`/v1/workspaces/${owner.id}/${workspace_id}?force=true`));

const body = () => ({ user: owner.id, workspace_id, template: 'alpine', ttl_minutes: 10 });
const printed = async (command: string, env = {}): Promise<string> =>
  ok<Executed>(await admin.post(`/v1/sessions/${session.id}/execute`, { command, env })).stdout;

/** What each row says, tried. */
const OVER_HTTP: Readonly<Record<string, () => Promise<void>>> = {
  'execute with async_execution answers the status submitted': async () => {
    const at = `/v1/sessions/${session.id}`;
    const job = ok<Job>(await admin.post(`${at}/execute`, { command: 'sleep 0.2', async_execution: true }));
    expect(job.status).toBe('running');
    const ended = await until('the job has ended', async () => {
      const now = ok<Job>(await admin.get(`${at}/jobs/${job.job_id}/status`));
      return now.status === 'running' ? undefined : now.status;
    });
    expect(ended).toBe('completed');
  },
  'DELETE /v1/sessions/{id} answers {"ok": true}': async () => {
    const other = await running(admin, body());
    const answer = ok(await admin.del(`/v1/sessions/${other.id}`));
    expect(answer).toMatchObject({ id: other.id, user: owner.id });
    expect(answer).not.toHaveProperty('ok');
  },
  'storage_allocation has bucket_name and persistent_volume_name': async () => {
    const { storage_allocation } = ok<Record<string, unknown>>(await admin.get(`/v1/sessions/${session.id}`));
    expect(storage_allocation).toMatchObject({
      bucket_name: 'default',
      persistent_volume_name: 'default',
      bucket: { size_gb: 10, mount_path: '/buckets/default' },
      persistent_storage: { size_gb: 10, mount_path: '/workspace' },
    });
  },
  'BUCKET_NAME and NAMESPACE in the environment': async () => {
    const show = 'echo "$BUCKET_NAME/$NAMESPACE"';
    expect(await printed(show)).toBe('/\n');
    expect(await printed(show, { BUCKET_NAME: 'b', NAMESPACE: 'n' })).toBe('b/n\n');
  },
  'the folder /persist': async () => {
    expect(await printed('test -e /persist || echo none; pwd')).toMatch(/^none\n.*\n$/);
  },
};

/** Where the effect of each argument would be, and a value for it. */
const WITHOUT_EFFECT: Readonly<Record<string, unknown>> = {
  needs_ssh: true,
  long_lived: true,
  expected_duration_minutes: 90,
  user_type: 'free',
  storage: { size: 1 },
  'storage_config.storage_type': 'x',
  'storage_config.mount_path': 'x',
  'storage_config.bucket_name': 'x',
  'storage_config.gcs_prefix': 'x',
  'storage_config.gcs_mount_options': 'x',
  'storage_config.pvc_name': 'x',
  'storage_config.pvc_size': 'x',
  'storage_config.storage_class': 'x',
};

describe('docs/migration.md, over HTTP', () => {
  it('has a row for each difference that is tried here, and no other', () => {
    expect(rows('Over HTTP').map(([then]) => then)).toEqual(Object.keys(OVER_HTTP));
  });

  it.each(Object.entries(OVER_HTTP))('%s', (_, holds) => holds());

  it('names the fields of a session that have no effect, and each is answered with a warning', async () => {
    const named = rows('Accepted, without effect').flatMap(([names = '']) => names.split(', '));
    expect(named.filter((name) => !name.includes('('))).toEqual(Object.keys(WITHOUT_EFFECT));
    const [inner, outer] = [true, false].map((within) =>
      Object.fromEntries(
        Object.entries(WITHOUT_EFFECT)
          .filter(([name]) => name.includes('.') === within)
          .map(([name, value]) => [name.replace('storage_config.', ''), value]),
      ),
    );
    const made = await running(admin, { ...body(), ...outer, storage_config: inner });
    const { warnings } = made.details;
    for (const name of Object.keys(WITHOUT_EFFECT)) {
      expect(
        warnings.filter((text) => text.startsWith(`${name} `)),
        name,
      ).toHaveLength(1);
    }
  });
});
