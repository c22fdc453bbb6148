import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import { keeperPids } from '../acceptance/support/server.ts';
import type { Exec, Executed, Session } from '../acceptance/support/shapes.ts';
import { until } from '../acceptance/support/until.ts';
import { sandbox } from '../acceptance/support/world.ts';
import { ground, type Served } from './support/launched.ts';
import { groupsOf, marker, processesWith, tracesOf } from './support/traces.ts';

const { folder, start } = ground();
const kill = async (server: Served): Promise<void> => {
  server.child.kill('SIGKILL');
  await server.ended;
};

describe('the end of a session', () => {
  it('leaves nothing behind, whatever its commands did to stay', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir });
    const mark = marker();
    const stay = [
      `setsid sleep ${mark} &`,
      `(setsid sh -c "trap '' TERM HUP INT; sleep ${mark}; sleep ${mark}" &)`,
      `nohup sleep ${mark} > /dev/null 2>&1 &`,
      `(exec -a '[kworker]' sleep ${mark}) 2>/dev/null &`,
      `mkdir -p deep/er; cd deep/er; sleep ${mark} < /dev/null &`,
      'ln -s / root; mkdir closed; touch closed/file; chmod 000 closed; chattr +i closed 2>/dev/null;',
      `wait`,
    ].join('\n');
    for (const verb of ['terminate', 'force-delete']) {
      const box = await sandbox(server.api, { request_persistent_storage: true });
      ok(await box.api.post(`${box.at}/execs`, { command: stay }));
      const inside = await until('all of it runs', async () => {
        const found = await processesWith(mark);
        return found.length >= 5 && found;
      });
      const groups = [...new Set((await Promise.all(inside.map(groupsOf))).flat())];
      const before = (await tracesOf(dataDir, mark, groups)).filter((trace) => !trace.includes('ready-'));
      expect(ok(await box.api.post<Session>(`${box.at}/${verb}`)).status).toBe('terminated');
      expect(await processesWith(mark)).toEqual([]);
      const left = (await tracesOf(dataDir, mark, groups)).filter((trace) => before.includes(trace));
      expect(left.filter((trace) => trace.includes(box.session.id) || trace.startsWith('process'))).toEqual([]);
      await box.remove();
    }
  });
});

describe('the end of the server', () => {
  it('by SIGTERM leaves sessions to their time', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const box = await sandbox(first.api);
    const mark = marker();
    ok(await box.api.post(`${box.at}/execs`, { command: `sleep ${mark}` }));
    await until('it runs', async () => (await processesWith(mark)).length > 0);
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(first.printed()).toMatch(/1 session keeps running/);
    expect(await processesWith(mark)).not.toEqual([]);
    const second = await start({ dataDir });
    expect(ok(await second.api.get<Session>(box.at)).status).toBe('running');
  });

  it('by Ctrl-C says how many go on, and a second one ends them', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const box = await sandbox(first.api);
    const mark = marker();
    ok(await box.api.post(`${box.at}/execs`, { command: `trap '' INT; sleep ${mark}` }));
    const inside = await until('it runs', async () => {
      const found = await processesWith(mark);
      return found.length > 0 && found;
    });
    const groups = [...new Set((await Promise.all(inside.map(groupsOf))).flat())];
    first.child.kill('SIGINT');
    await until('it says so', async () => /1 session keeps running.*Ctrl-C again/.test(first.printed()));
    // A person reads that first.
    await pause(1_500);
    first.child.kill('SIGINT');
    // npm passes it on a moment later.
    await pause(30);
    first.child.kill('SIGINT');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(first.printed()).toMatch(/Ending the sessions/);
    await until('nothing is left', async () => (await tracesOf(dataDir, mark, groups)).length === 0).catch(() => {});
    expect(await tracesOf(dataDir, mark, groups)).toEqual([]);
    await until('the keeper has left', async () => (await keeperPids(dataDir)).length === 0);
    const second = await start({ dataDir });
    const ended = await until('it is on record', async () => {
      const now = ok(await second.api.get<Session>(box.at));
      return /^(terminated|failed)$/.test(now.status) && now;
    });
    expect(ended.status_reason).toEqual(expect.any(String));
  });

  it('by one Ctrl-C, or by any number of SIGTERMs, leaves sessions, though npm passes each signal on once more', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const box = await sandbox(first.api);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const server = signal === 'SIGINT' ? first : await start({ dataDir });
      server.child.kill(signal);
      await until('it heard the signal', async () => /1 session keeps running/.test(server.printed()));
      server.child.kill(signal);
      if (signal === 'SIGTERM') server.child.kill(signal);
      expect(await server.ended).toEqual({ code: 0, signal: null });
      expect(server.printed()).not.toMatch(/Ending/);
    }
    const last = await start({ dataDir });
    expect(ok(await last.api.get<Session>(box.at)).status).toBe('running');
  });

  it('is followed by the keeper’s, when nothing is left', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir });
    const box = await sandbox(server.api);
    await box.remove();
    server.child.kill('SIGTERM');
    await server.ended;
    await until('the keeper has left', async () => (await keeperPids(dataDir)).length === 0);
  });

  it('answers what is under way', async () => {
    const server = await start({ dataDir: await folder() });
    const box = await sandbox(server.api);
    const answer = box.api.post<Executed>(`${box.at}/execute`, { command: 'sleep 1; echo answered' });
    await until('it runs', async () => ok(await box.api.get<Exec[]>(`${box.at}/execs`)).length === 1);
    server.child.kill('SIGTERM');
    expect(ok(await answer).stdout).toBe('answered\n');
    expect((await server.ended).code).toBe(0);
  });
});

describe('a keeper without a server', () => {
  it('ends what has reached its time, and then itself', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const box = await sandbox(first.api, { ttl_minutes: 1 });
    const mark = marker();
    ok(await box.api.post(`${box.at}/execs`, { command: `sleep ${mark}` }));
    await until('it runs', async () => (await processesWith(mark)).length > 0);
    await kill(first);
    await until('it is ended', async () => (await processesWith(mark)).length === 0);
    await until('the keeper has left', async () => (await keeperPids(dataDir)).length === 0);
    const second = await start({ dataDir });
    const ended = await until('it is on record', async () => {
      const now = ok(await second.api.get<Session>(box.at));
      return now.status === 'terminated' && now;
    });
    expect(ended.status_reason).toBe('expired');
    const late = Date.parse(ended.ended_at ?? '') - Date.parse(ended.expires_at);
    expect(late).toBeGreaterThanOrEqual(-1_000);
    expect(late).toBeLessThan(60_000);
  });
});
