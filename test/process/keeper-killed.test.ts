import { describe, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import { keeperPids } from '../acceptance/support/server.ts';
import type { Exec, Session } from '../acceptance/support/shapes.ts';
import { until } from '../acceptance/support/until.ts';
import { running, sandbox, shell } from '../acceptance/support/world.ts';
import { ground } from './support/launched.ts';
import { groupsOf, marker, processesWith, tracesOf } from './support/traces.ts';

const { folder, start } = ground();

describe('kill -9 of the keeper', () => {
  it('fails its sessions, loses their commands, says so, and leaves nothing behind', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir });
    const box = await sandbox(server.api, { request_persistent_storage: true });
    const mark = marker();
    await shell(box.api, box.session, 'echo kept > file');
    const command = `(setsid sleep ${mark} &) ; nohup sleep ${mark} & sleep ${mark}`;
    const exec = ok(await box.api.post<Exec>(`${box.at}/execs`, { command }));
    const waiting = box.api.post(`${box.at}/execute`, { command: `sleep ${mark}` }, { 'Idempotency-Key': 'waiting' });
    const inside = await until('all of it runs', async () => {
      const found = await processesWith(mark);
      return found.length >= 4 && found;
    });
    const groups = [...new Set((await Promise.all(inside.map(groupsOf))).flat())];
    const before = await tracesOf(dataDir, mark, groups);
    const [keeper = 0] = await keeperPids(dataDir);
    process.kill(keeper, 'SIGKILL');
    const failed = await until(
      'the session has failed',
      async () => {
        const now = ok(await box.api.get<Session>(box.at));
        return now.status === 'failed' && now;
      },
      60,
    );
    expect(failed).toMatchObject({ status_reason: 'keeper_lost', status_message: expect.stringMatching(/\w+ \w+/) });
    const answer = await waiting;
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const lost = await until('the command is lost', async () => {
      const now = ok(await box.api.get<Exec>(`${box.at}/execs/${exec.exec_id}`));
      return now.status !== 'running' && now;
    });
    expect(lost).toMatchObject({ status: 'lost', exit_code: null });
    const again = await box.api.post(
      `${box.at}/execute`,
      { command: `sleep ${mark}` },
      { 'Idempotency-Key': 'waiting' },
    );
    expect(again.status).toBe(409);
    expect(again.body['exec_id']).toEqual(expect.any(String));
    // What the next keeper holds ready is its own.
    const left = async () => (await tracesOf(dataDir, mark, groups)).filter((trace) => before.includes(trace));
    // An ordinary user's session has neither control groups nor mounts that the host sees.
    expect(before.length).toBeGreaterThanOrEqual(inside.length + (process.getuid?.() === 0 ? 1 : 0));
    await until('nothing is left', async () => (await left()).length === 0).catch(() => {});
    expect(await left()).toEqual([]);
    const next = await running(box.api, { workspace_id: box.workspace_id, request_persistent_storage: true });
    expect(await shell(box.api, next, 'cat file')).toBe('kept\n');
  });

  it('is found by a server that was not there to see it', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const box = await sandbox(first.api);
    const mark = marker();
    ok(await box.api.post<Exec>(`${box.at}/execs`, { command: `sleep ${mark}` }));
    const inside = await until('it runs', async () => {
      const found = await processesWith(mark);
      return found.length > 0 && found;
    });
    const groups = [...new Set((await Promise.all(inside.map(groupsOf))).flat())];
    const before = await tracesOf(dataDir, mark, groups);
    const [keeper = 0] = await keeperPids(dataDir);
    first.child.kill('SIGKILL');
    process.kill(keeper, 'SIGKILL');
    await first.ended;
    await until('its processes are gone with it', async () => (await processesWith(mark)).length === 0);
    const second = await start({ dataDir });
    await until(
      'the session has failed',
      async () => ok(await second.api.get<Session>(box.at)).status === 'failed',
      60,
    );
    expect(ok(await second.api.get<Session>(box.at)).status_reason).toBe('keeper_lost');
    expect((await tracesOf(dataDir, mark, groups)).filter((trace) => before.includes(trace))).toEqual([]);
  });
});
