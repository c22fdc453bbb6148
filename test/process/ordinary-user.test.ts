import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import { keeperPids } from '../acceptance/support/server.ts';
import type { Exec, Executed, Session } from '../acceptance/support/shapes.ts';
import { until } from '../acceptance/support/until.ts';
import { running, sandbox, shell } from '../acceptance/support/world.ts';
import { AS_NOBODY, NOBODY } from '../support/ordinary-user.ts';
import { ground } from './support/launched.ts';
import { marker, processesWith, tracesOf } from './support/traces.ts';

const { folder, start } = ground();
const WHY =
  'only root can become another user: run the tests as root, or see start and survival, which ran as this user';

describe('as an ordinary user', () => {
  const served = async () => {
    const home = await folder(NOBODY);
    const dataDir = `${home}/data`;
    const env = { HOME: home, USER: 'nobody', LOGNAME: 'nobody', TMPDIR: '/tmp' };
    return { dataDir, begin: () => start({ dataDir, before: AS_NOBODY, env, args: [] }) };
  };

  it('it starts, checks itself, runs commands, keeps volumes and is gone after its end', async ({ skip }) => {
    if (AS_NOBODY.length === 0) skip(WHY);
    const { dataDir, begin } = await served();
    const server = await begin();
    expect((await stat(dataDir)).uid).toBe(NOBODY);
    const box = await sandbox(server.api, { request_persistent_storage: true, request_bucket: true });
    expect(['user', 'none']).toContain(box.session.details.isolation);
    await shell(box.api, box.session, 'echo kept > file; echo x > "$HOME/x"; echo y > /tmp/y-$$; id');
    const timed = ok(await box.api.post<Executed>(`${box.at}/execute`, { command: 'echo a; sleep 100', timeout: 1 }));
    expect(timed).toMatchObject({ returncode: 124, stdout: 'a\n' });
    ok(await box.api.del(box.at));
    const next = await running(box.api, { workspace_id: box.workspace_id, request_persistent_storage: true });
    expect(await shell(box.api, next, 'cat file')).toBe('kept\n');
    if (next.details.isolation === 'user') {
      expect(
        await shell(
          box.api,
          next,
          // Its own shadow file opens nothing; a line of the machine's would have a hash.
          'touch /usr/x /etc/x 2>/dev/null && ls /usr/x; grep -v ":[*]:1::::::$" /etc/shadow 2>/dev/null; echo done',
        ),
      ).toBe('done\n');
      expect(await shell(box.api, next, `cat ${dataDir}/admin.key 2>/dev/null || echo hidden`)).toBe('hidden\n');
    }
    await box.remove();
    await until(
      'nothing is left',
      async () => (await tracesOf(dataDir, `${dataDir}/sandboxes/oms-ses`, [])).length === 0,
    );
  });

  it('kill -9 of the server ends nothing, kill -9 of the keeper everything', async ({ skip }) => {
    if (AS_NOBODY.length === 0) skip(WHY);
    const { dataDir, begin } = await served();
    const first = await begin();
    const box = await sandbox(first.api);
    const mark = marker();
    const exec = ok(
      await box.api.post<Exec>(`${box.at}/execs`, { command: `echo before; (setsid sleep ${mark} &); sleep ${mark}` }),
    );
    await until('it runs', async () => (await processesWith(mark)).length >= 2);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await begin();
    expect(ok(await second.api.get<Session>(box.at)).status).toBe('running');
    expect(ok(await second.api.get<Exec>(`${box.at}/execs/${exec.exec_id}`))).toMatchObject({
      status: 'running',
      next_offset: 7,
    });
    const [keeper = 0] = await keeperPids(dataDir);
    process.kill(keeper, 'SIGKILL');
    await until(
      'the session has failed',
      async () => ok(await second.api.get<Session>(box.at)).status === 'failed',
      60,
    );
    expect(ok(await second.api.get<Session>(box.at)).status_reason).toBe('keeper_lost');
    await until('nothing is left', async () => (await tracesOf(dataDir, mark, [])).length === 0).catch(() => {});
    expect(await tracesOf(dataDir, mark, [])).toEqual([]);
  });
});
