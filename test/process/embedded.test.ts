import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import { keeperPids } from '../acceptance/support/server.ts';
import type { Session } from '../acceptance/support/shapes.ts';
import { openSocket } from '../acceptance/support/socket.ts';
import { until } from '../acceptance/support/until.ts';
import { running, shell } from '../acceptance/support/world.ts';
import { embeddedGround, noteOf } from './support/embedded.ts';
import { ground } from './support/launched.ts';
import { marker, processesWith, tracesOf } from './support/traces.ts';

const { folder, start, refuse } = ground();
const embedded = embeddedGround();
const ME = { user: 'me', resource_package: 'dev_micro' };
const LONGER_THAN_UNUSED_MS = 9_000;
const ORDERLY = { code: 0, signal: null };

describe('an embedded server', () => {
  it('is there for one call and the next, and gone without a trace after the last', async () => {
    const dataDir = await folder();
    const server = embedded.start(dataDir);
    const { api, note } = await embedded.serving(dataDir);
    expect(note).toMatchObject({ embedded: true, pid: server.child.pid });
    expect(new URL(note.url).hostname).toBe('127.0.0.1');
    server.child.kill('SIGHUP');
    const session = await running(api, ME);
    expect(await shell(api, session, 'echo one')).toBe('one\n');
    ok(await api.del(`/v1/sessions/${session.id}`));
    await pause(2_000);
    expect(await noteOf(dataDir)).toEqual(note);
    ok(await api.get('/v1/sessions'));
    expect(await server.ended).toEqual(ORDERLY);
    expect(await noteOf(dataDir)).toBeNull();
    await until('the keeper has gone too', async () => (await keeperPids(dataDir)).length === 0);
    expect(await tracesOf(dataDir, dataDir, [])).toEqual([]);
    expect(await readFile(join(dataDir, 'embedded.log'), 'utf8')).toBe('');
    expect(await readdir(dataDir)).not.toContain('hand-over');
  });

  it('goes when nobody ever calls', async () => {
    const dataDir = await folder();
    const server = embedded.start(dataDir);
    await embedded.serving(dataDir);
    expect(await server.ended).toEqual(ORDERLY);
    expect(await noteOf(dataDir)).toBeNull();
  });

  it('is one, however many are started at once on a fresh folder: the others end with 75 when it answers', async () => {
    const dataDir = await folder();
    const all = Array.from({ length: 4 }, () => embedded.start(dataDir));
    const first = Promise.all(
      all.map(async ({ child, ended }) => {
        const { code } = await Promise.race([ended, pause(60_000, { code: null }, { ref: false })]);
        if (code !== 75) return null;
        // Whoever is told that there is another server finds it at once.
        const note = await noteOf(dataDir);
        expect((await fetch(`${note?.url}/health`)).status).toBe(200);
        return child.pid;
      }),
    );
    const { api, note } = await embedded.serving(dataDir);
    const session = await running(api, ME);
    await until('the others have ended', async () => all.filter(({ child }) => child.exitCode === 75).length === 3);
    expect(all.find(({ child }) => child.exitCode === null)?.child.pid).toBe(note.pid);
    expect(ok(await api.get<Session>(`/v1/sessions/${session.id}`)).status).toBe('running');
    ok(await api.del(`/v1/sessions/${session.id}`));
    expect((await first).filter((pid) => pid !== null)).toHaveLength(3);
  });

  it('stays while a session lives, without any call', async () => {
    const dataDir = await folder();
    const server = embedded.start(dataDir);
    const { api, note } = await embedded.serving(dataDir);
    const session = await running(api, ME);
    await pause(LONGER_THAN_UNUSED_MS);
    expect(await noteOf(dataDir)).toEqual(note);
    expect(ok(await api.get<Session>(`/v1/sessions/${session.id}`)).status).toBe('running');
    ok(await api.del(`/v1/sessions/${session.id}`));
    expect(await server.ended).toEqual(ORDERLY);
  });

  it('killed, leaves its session to the keeper, which ends it in time; the next server records that end', async () => {
    const dataDir = await folder();
    const mark = marker();
    const server = embedded.start(dataDir, { ONMEMOS_SHADOW_PROVIDER: 'gke' });
    const { api } = await embedded.serving(dataDir);
    const session = await running(api, { ...ME, ttl_minutes: 1 });
    ok(await api.post(`/v1/sessions/${session.id}/execs`, { command: `trap '' TERM; sleep ${mark}; sleep ${mark}` }));
    await until('it runs', async () => (await processesWith(mark)).length > 0);
    server.child.kill('SIGKILL');
    await server.ended;
    expect((await processesWith(mark)).length).toBeGreaterThan(0);
    await until('its time is up', async () => (await processesWith(mark)).length === 0);
    await until('the keeper has gone', async () => (await keeperPids(dataDir)).length === 0);
    expect(await tracesOf(dataDir, mark, [])).toEqual([]);
    const seen = new Date().toISOString();

    embedded.start(dataDir, { ONMEMOS_SHADOW_PROVIDER: 'gke' });
    const again = await until('the next one serves', async () => {
      const note = await noteOf(dataDir);
      return note !== null && note.pid !== server.child.pid && (await embedded.serving(dataDir));
    });
    const ended = ok(await again.api.get<Session>(`/v1/sessions/${session.id}`));
    expect(ended).toMatchObject({ status: 'terminated', status_reason: 'expired' });
    expect(String(ended.ended_at) >= String(ended.expires_at)).toBe(true);
    expect(String(ended.ended_at) <= seen).toBe(true);
  });
});

describe('npm start and an embedded server on one folder', () => {
  it('the latter ends with 75 where the former serves, and leaves its server.json alone', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir });
    const refused = await refuse({ dataDir, args: ['--embedded'] });
    expect(refused.code).toBe(75);
    expect(refused.printed).toContain(server.url);
    expect(await noteOf(dataDir)).toMatchObject({ url: server.url, embedded: false });
  });

  it('the former takes the folder over, with the sessions that live', async () => {
    const dataDir = await folder();
    const first = embedded.start(dataDir);
    const { api } = await embedded.serving(dataDir);
    const session = await running(api, ME);
    const second = await start({ dataDir });
    expect(await first.ended).toEqual(ORDERLY);
    expect(second.printed()).toContain('Taking over from the server that onmemos started for your commands.');
    expect(second.printed()).toMatch(/sessions\s+1 of an earlier server continue/);
    expect(await noteOf(dataDir)).toMatchObject({ url: second.url, embedded: false });
    expect(await shell(second.api, session, 'echo still')).toBe('still\n');
    ok(await second.api.del(`/v1/sessions/${session.id}`));
    expect(await readdir(dataDir)).not.toContain('hand-over');
  });

  it('the former says what to do where the latter has calls under way, which go on', async () => {
    const dataDir = await folder();
    embedded.start(dataDir);
    const { api, note } = await embedded.serving(dataDir);
    const session = await running(api, ME);
    const socket = await openSocket(api, `/v1/sessions/${session.id}/shell`);
    const refused = await refuse({ dataDir });
    expect(refused.code).toBe(1);
    expect(refused.printed).toContain(note.url);
    expect(refused.printed).toContain(`kill ${note.pid}`);
    expect(refused.printed).not.toMatch(/^\s+at .*\.ts:\d+/m);
    expect(socket.readyState).toBe(socket.OPEN);
    expect(await readdir(dataDir)).not.toContain('hand-over');
    expect(await noteOf(dataDir)).toEqual(note);
    socket.close();
    ok(await api.del(`/v1/sessions/${session.id}`));
  });
});
