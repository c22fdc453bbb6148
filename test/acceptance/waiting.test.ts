import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ok, refused } from './support/api.ts';
import type { Cost, Costs, Entitlements, Event, Executed, Key, Session } from './support/shapes.ts';
import { jsonSocket, openSocket, upgradeStatus } from './support/socket.ts';
import { admin, targets } from './support/target.ts';
import { until } from './support/until.ts';
import { person, running, sandbox, shell, workspace } from './support/world.ts';

/** What takes a minute to see. All of it waits side by side. */
describe.concurrent('after a minute', () => {
  it('a session whose TTL was moved to one minute has ended, expired and within a minute of it', async () => {
    const box = await sandbox(admin, { ttl_minutes: 60 }, 'free');
    const moved = ok(await box.api.patch<Session>(box.at, { ttl_minutes: 1 }));
    ok(await box.api.post<Executed>(`${box.at}/execute`, { command: 'sleep 4321', async_execution: true }));
    const ended = await until(
      'it ends',
      async () => {
        const now = ok(await box.api.get<Session>(box.at));
        if (now.status === 'running') expect(now.expires_at).toBe(moved.expires_at);
        return now.status === 'terminated' && now;
      },
      100,
    );
    expect(ended.status_reason).toBe('expired');
    const late = Date.parse(ended.ended_at ?? '') - Date.parse(moved.expires_at);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);
    refused(await box.api.post(`${box.at}/execute`, { command: 'true' }), 'session_not_running');
    const used = ok(await box.api.get<Entitlements>(`/v1/users/${box.owner.id}/entitlements`)).concurrent_sessions.used;
    expect(used).toBe(0);
    const events = ok(await box.api.get<Event[]>(`${box.at}/events`));
    expect(events.some(({ actor }) => actor.kind === 'system')).toBe(true);
    await box.remove();
  });

  it('a session that was given more time lives on', async () => {
    const owner = await person(admin);
    const ws = await workspace(owner.api, owner.id);
    const session = await running(owner.api, { workspace_id: ws, ttl_minutes: 1 });
    ok(await owner.api.patch(`/v1/sessions/${session.id}`, { ttl_minutes: 5 }));
    await pause(Date.parse(session.expires_at) - Date.parse(session.created_at) + 5_000);
    expect(await shell(owner.api, session, 'echo alive')).toBe('alive\n');
    ok(await admin.del(`/v1/workspaces/${owner.id}/${ws}?force=true`));
  });

  it('cleanup-expired has ended what is past its time, and nothing else', async () => {
    const owner = await person(admin);
    const ws = await workspace(owner.api, owner.id);
    const [short, long] = [
      await running(owner.api, { workspace_id: ws, ttl_minutes: 1 }),
      await running(owner.api, { workspace_id: ws }),
    ];
    expect(ok(await owner.api.post('/v1/sessions/cleanup-expired'))).toEqual({ cleaned: 0 });
    await pause(60_500);
    const cleaned = ok(await admin.post<{ cleaned: number }>(`/v1/sessions/cleanup-expired?user=${owner.id}`)).cleaned;
    expect([0, 1]).toContain(cleaned);
    await until(
      'it is gone',
      async () => ok(await owner.api.get<Session>(`/v1/sessions/${short.id}`)).status === 'terminated',
    );
    expect(ok(await owner.api.get<Session>(`/v1/sessions/${long.id}`)).status).toBe('running');
    const stranger = await person(admin);
    const theirs = await stranger.api.post(`/v1/sessions/cleanup-expired?user=${owner.id}`);
    expect([403, 404]).toContain(theirs.status);
    ok(await admin.del(`/v1/workspaces/${owner.id}/${ws}?force=true`));
  });

  it('a ticket has expired', async () => {
    const box = await sandbox(admin);
    const { subprotocol } = ok(await box.api.post<{ subprotocol: string }>(`${box.at}/ticket`));
    await pause(61_000);
    expect(await upgradeStatus(box.api, `${box.at}/shell`, { key: null, protocols: [subprotocol] })).toBe(401);
    await box.remove();
  });

  it('open streams of a revoked key have been closed', async () => {
    const box = await sandbox(admin);
    const key = ok(await box.api.post<Key>('/v1/keys', { name: 'short' }));
    const api = box.api.as(key.secret ?? '');
    const shellSocket = jsonSocket(await openSocket(api, `${box.at}/shell`));
    const { exec_id } = ok(await api.post<Executed>(`${box.at}/execs`, { command: 'echo on; sleep 4321' }));
    const stream = await api.raw('GET', `${box.at}/execs/${exec_id}/output`);
    const whole = stream.text().then(
      () => 'ended',
      () => 'broken off',
    );
    ok(await box.api.del(`/v1/keys/${key.key_id}`));
    const closed = await Promise.race([shellSocket.closed, pause(60_000, null)]);
    expect(closed).toBe(4401);
    expect(await Promise.race([whole, pause(20_000, 'still open')])).toBe('broken off');
    await box.remove();
  });

  it('a quiet stream has been kept alive by comments', async () => {
    const box = await sandbox(admin);
    const { exec_id } = ok(await box.api.post<Executed>(`${box.at}/execs`, { command: 'sleep 4321' }));
    const stop = new AbortController();
    const stream = await box.api.raw('GET', `${box.at}/execs/${exec_id}/output`, { signal: stop.signal });
    let text = '';
    const read = (async () => {
      for await (const bytes of stream.body ?? []) text += Buffer.from(bytes).toString();
    })().catch(() => {});
    await until(
      'two comments came',
      async () => text.split('\n').filter((line) => line.startsWith(':')).length >= 2,
      60,
    );
    stop.abort();
    await read;
    await box.remove();
  });

  it.each(targets)('a budget that terminates has ended what it can not pay, on %s', async (_name, admin) => {
    const owner = await person(admin, 'enterprise', { monthly_budget_usd: 0.0001, budget_action: 'terminate' });
    const size = { resource_package: 'compute_xlarge', provider: 'gke' };
    const session = await running(owner.api, size);
    const at = `/v1/sessions/${session.id}`;
    const { cost_per_hour } = ok(await owner.api.get<Cost>(`${at}/cost`));
    if (cost_per_hour === 0) {
      console.warn('sessions cost nothing on this server: no budget can end one (set ONMEMOS_SHADOW_PROVIDER)');
      expect(ok(await owner.api.get<Session>(at)).status).toBe('running');
    } else {
      const ended = await until(
        'it is ended',
        async () => {
          const now = ok(await owner.api.get<Session>(at));
          return now.status === 'terminated' && now;
        },
        100,
      );
      expect(ended.status_reason).toBe('budget_exceeded');
      refused(await owner.api.post('/v1/sessions', size), 'budget_exceeded');
      const seconds = (Date.parse(ended.ended_at ?? '') - Date.parse(ended.started_at ?? '')) / 1000;
      const final = ok(await owner.api.get<Cost>(`${at}/cost`));
      expect(final.billed_seconds).toBe(seconds);
      expect(final.billed).toBeCloseTo(((cost_per_hour ?? Number.NaN) * seconds) / 3600, 7);
      const kinds = ok(await owner.api.get<Costs>('/v1/costs?group_by=kind'));
      expect(kinds.total).toBeCloseTo(final.billed, 8);
    }
    ok(await admin.del(`/v1/workspaces/${owner.id}/default?force=true`));
  });
});
