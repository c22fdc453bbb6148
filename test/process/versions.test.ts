import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeeperDialer } from '#drivers/compute/local/keeper-dialer.ts';
import { systemClock } from '#platform/clock.ts';
import { keeperFolder, sandboxFolder } from '#platform/keeper-folders.ts';
import { connectExec } from '#platform/protocol/exec-channel.ts';
import { ok } from '../acceptance/support/api.ts';
import { keeperPids } from '../acceptance/support/server.ts';
import type { Exec, Session } from '../acceptance/support/shapes.ts';
import { until } from '../acceptance/support/until.ts';
import { running, sandbox, shell } from '../acceptance/support/world.ts';
import { ground, type Served } from './support/launched.ts';
import { ROOT } from './support/root.ts';
import { speaking as speakingVersions, speakingOption } from './support/speaking.ts';
import { marker, processesWith, tracesOf } from './support/traces.ts';

const { folder, start } = ground();

const METER = { ONMEMOS_METER_PERIOD_SECONDS: '1' };
const speaking = (oldest: number, newest: number) => ({ ...METER, ...speakingVersions(oldest, newest) });
const kill = async (server: Served): Promise<void> => {
  server.child.kill('SIGKILL');
  await server.ended;
};
const keyOf = ({ id }: Session): string => `oms-${id}`;
const recordOf = async (dataDir: string, session: Session) =>
  JSON.parse(await readFile(join(keeperFolder(dataDir, 1), 'sessions', `${keyOf(session)}.json`), 'utf8')) as {
    readonly state: string;
    readonly ended_at: number | null;
  };
interface Cost {
  readonly billed_until: string;
  readonly billed_seconds: number;
}

describe('a server that shares no version of the protocol with the keeper that it finds', () => {
  it('starts, says what it can’t reach, keeps new sessions in a keeper of its own, and records the ends of the old', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir, env: METER });
    const old = await sandbox(first.api);
    const deleted = await running(old.api, { workspace_id: old.workspace_id });
    const mark = marker();
    ok(await old.api.post<Exec>(`${old.at}/execs`, { command: `sleep ${mark}` }));
    const [oldKeeper = 0] = await keeperPids(dataDir);
    await kill(first);

    const second = await start({ dataDir, env: speaking(2, 3) });
    expect(second.printed()).toMatch(/sessions +2 belong to a keeper of another version and can’t be reached/);
    expect(second.printed()).toContain(`${old.session.id} ends by ${old.session.expires_at}`);
    expect(second.printed()).not.toContain('of an earlier server continue');
    const api = second.api.as(old.owner.key);
    const refusal = await api.post(`${old.at}/execute`, { command: 'true' });
    expect(refusal.status).toBe(503);
    expect(refusal.body['detail']).toMatch(/keeper of another version.*runs until it expires. Create a new session/);
    expect((await api.get(`${old.at}/usage`)).status).toBe(503);
    const fresh = await running(api, { workspace_id: old.workspace_id });
    expect(await shell(api, fresh, 'echo new')).toBe('new\n');
    expect(await keeperPids(dataDir)).toHaveLength(2);
    ok(await api.del(`/v1/sessions/${deleted.id}?wait=0`));
    await kill(second);

    // Another start of the new server finds both again; nothing of the old keeper was touched.
    const third = await start({ dataDir, env: speaking(2, 3) });
    expect(third.printed()).toMatch(/sessions +1 of an earlier server continue/);
    expect(third.printed()).toMatch(/sessions +2 belong to a keeper of another version and can’t be reached/);
    const now = third.api.as(old.owner.key);
    expect(await shell(now, fresh, 'echo still')).toBe('still\n');
    expect(await keeperPids(dataDir)).toHaveLength(2);
    const billed = await until('the old session is billed', async () => {
      const cost = ok(await now.get<Cost>(`${old.at}/cost`));
      return cost.billed_seconds > 1 && cost;
    });
    expect(ok(await now.get<Session>(old.at)).status).toBe('running');
    expect(ok(await now.get<Session>(`/v1/sessions/${deleted.id}`)).status).toBe('terminating');
    expect(await processesWith(mark)).not.toEqual([]);

    // Their time comes, in the old keeper alone.
    for (const session of [old.session, deleted]) {
      const socket = connect(join(keeperFolder(dataDir, 1), 'keeper.sock'));
      const channel = await connectExec(socket, { session: keyOf(session) });
      await channel.deadline({ at: 1, generation: Number.MAX_SAFE_INTEGER });
      channel.close();
    }
    const ended = await until('the old session is recorded as ended', async () => {
      const session = ok(await now.get<Session>(old.at));
      return session.ended_at !== null && session;
    });
    expect(ended).toMatchObject({ status: 'terminated', status_reason: 'expired' });
    await until('the deleted one is, too', async () => {
      const session = ok(await now.get<Session>(`/v1/sessions/${deleted.id}`));
      return session.status === 'terminated';
    });
    const record = await recordOf(dataDir, old.session).catch(() => null);
    const final = ok(await now.get<Cost>(`${old.at}/cost`));
    if (record) expect(Date.parse(final.billed_until)).toBe(record.ended_at);
    expect(final.billed_until).toBe(ended.ended_at);
    expect(final.billed_until > billed.billed_until).toBe(true);

    // It leaves by itself, and the new one clears up behind it.
    await until('the old keeper has ended', async () => !(await keeperPids(dataDir)).includes(oldKeeper));
    await until('what it left is taken over', async () => {
      // Asks for the list of sessions, as the reconcile of each minute does.
      await now.get('/ready');
      return !existsSync(sandboxFolder(dataDir, 1));
    });
    expect(await processesWith(mark)).toEqual([]);
    expect(await shell(now, fresh, 'echo goes on')).toBe('goes on\n');
  });

  it('fails the old sessions when their keeper is killed, bills them no further, and leaves nothing of them', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir, env: speaking(7, 7) });
    const old = await sandbox(first.api);
    const mark = marker();
    ok(await old.api.post<Exec>(`${old.at}/execs`, { command: `setsid sleep ${mark}` }));
    await until('it runs', async () => (await processesWith(mark)).length > 0);
    const before = await tracesOf(dataDir, mark, []);
    const [oldKeeper = 0] = await keeperPids(dataDir);
    await kill(first);
    // The other way round: the server is the older one.
    const second = await start({ dataDir, env: METER });
    expect(second.printed()).toContain(`${old.session.id} ends by`);
    const api = second.api.as(old.owner.key);
    const cost = async () => ok(await api.get<Cost>(`${old.at}/cost`));
    const earlier = await cost();
    await until('this server has billed it', async () => (await cost()).billed_until > earlier.billed_until);
    process.kill(oldKeeper, 'SIGKILL');
    const killed = Date.now();
    const failed = await until('the session has failed', async () => {
      const session = ok(await api.get<Session>(old.at));
      return session.status === 'failed' && session;
    });
    expect(failed).toMatchObject({ status_reason: 'keeper_lost' });
    expect(Date.parse((await cost()).billed_until)).toBeLessThanOrEqual(killed);
    expect((await tracesOf(dataDir, mark, [])).filter((trace) => before.includes(trace))).toEqual([]);
    expect(await readdir(keeperFolder(dataDir, 1))).not.toContain('sessions');
  });
});

it('a server whose keeper on disk is of another version says so, and starts no second one', async () => {
  const dataDir = await folder();
  const keeper = join(ROOT, 'functions', 'keeper', 'start.mjs');
  const command = [process.execPath, ...speakingOption(2, 2).split(' '), keeper, '--data-dir', dataDir];
  const dialer = new KeeperDialer({ dataDir, clock: systemClock, command });
  await expect(dialer.connect()).rejects.toThrow(/keeper on disk is of another version .* Start the server again/);
  // A child of the keeper has its command line for an instant.
  await until('there is one', async () => (await keeperPids(dataDir)).length === 1);
});

describe('a server that shares a version with the keeper that it finds', () => {
  it.each([
    { server: 'newer', first: METER, second: speaking(1, 2) },
    { server: 'older', first: speaking(1, 2), second: METER },
  ])('reaches all of it where the server is the $server one', async ({ first, second }) => {
    const dataDir = await folder();
    const before = await start({ dataDir, env: first });
    const box = await sandbox(before.api);
    await shell(box.api, box.session, 'echo kept > file');
    const keepers = await keeperPids(dataDir);
    await kill(before);
    const after = await start({ dataDir, env: second });
    expect(after.printed()).toMatch(/sessions +1 of an earlier server continue/);
    const api = after.api.as(box.owner.key);
    expect(await shell(api, box.session, 'cat file')).toBe('kept\n');
    const another = await running(api, { workspace_id: box.workspace_id });
    expect(await shell(api, another, 'echo new')).toBe('new\n');
    expect(await keeperPids(dataDir)).toEqual(keepers);
    expect(ok(await api.del<Session>(box.at)).status).toBe('terminated');
  });
});
