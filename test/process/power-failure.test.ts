import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Api, ok } from '../acceptance/support/api.ts';
import { keeperPids } from '../acceptance/support/server.ts';
import type { Session } from '../acceptance/support/shapes.ts';
import { until } from '../acceptance/support/until.ts';
import { running } from '../acceptance/support/world.ts';
import { disks } from '../support/fuse/disk.ts';
import { failPower } from '../support/fuse/power-switch.ts';
import { ground, type Served } from './support/launched.ts';

const disk = disks();
const { start } = ground();
/** Sandboxes have an overlay, which can't lie on a file system of this kind. */
const env = { ONMEMOS_ISOLATION: 'none', ONMEMOS_SHADOW_PROVIDER: 'gke' };

/** The machine is off: nothing of it runs any more, and its disk has what was synced. */
const powerFailure = async (path: string, { child, ended, dataDir }: Served): Promise<void> => {
  failPower(path);
  for (const pid of [child.pid ?? 0, ...(await keeperPids(dataDir))]) process.kill(pid, 'SIGKILL');
  await ended;
};

it('a power failure takes nothing that was answered, and ends what ran', async ({ skip }) => {
  const { path, restart } = await disk(skip);
  const dataDir = join(path, 'data');
  const first = await start({ dataDir, env });
  const session = await running(first.api, { user: 'ann', env: { SECRET: 'sealed' } });
  const workspaces = Array.from({ length: 12 }, (_, i) => `w${i}`);
  const made = await Promise.all(
    workspaces.map(async (workspace_id) => {
      const workspace = { user_id: 'ann', workspace_id, name: workspace_id, resource_package: 'dev_micro' };
      ok(await first.api.post('/v1/workspaces', workspace));
      return ok(
        await first.api.post<{ secret: string }>('/v1/keys', { name: workspace_id, user_id: 'ann', workspace_id }),
      );
    }),
  );
  await powerFailure(path, first);
  await restart();

  const second = await start({ dataDir, env });
  for (const [i, { secret }] of made.entries()) {
    const own: Api = second.api.as(secret);
    expect(ok(await own.get('/v1/workspaces/ann'))).toMatchObject([{ workspace_id: `w${i}` }]);
  }
  const ended = await until('the session has ended', async () => {
    const now = ok(await second.api.get<Session>(`/v1/sessions/${session.id}`));
    return now.ended_at !== null && now;
  });
  expect(ended).toMatchObject({ status: 'failed', env_names: ['SECRET'] });
  const again = await running(second.api, { user: 'ann', env: { SECRET: 'sealed again' } });
  const said = await second.api.post<{ stdout: string }>(`/v1/sessions/${again.id}/execute`, {
    command: 'echo $SECRET',
  });
  expect(ok(said).stdout).toBe('sealed again\n');
});
