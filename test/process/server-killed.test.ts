import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ok, refused } from '../acceptance/support/api.ts';
import { keeperPids } from '../acceptance/support/server.ts';
import type { Exec, Executed, Job, Session } from '../acceptance/support/shapes.ts';
import { bytesOf, joined, readSse, sse } from '../acceptance/support/sse.ts';
import { until } from '../acceptance/support/until.ts';
import { sandbox, shell } from '../acceptance/support/world.ts';
import { ground, type Served } from './support/launched.ts';
import { marker, processesWith, tracesOf } from './support/traces.ts';

const { folder, start } = ground();
const kill = async (server: Served): Promise<void> => {
  server.child.kill('SIGKILL');
  await server.ended;
};

describe('kill -9 of the server', () => {
  it('ends no session and no command: the next server finds them, and their output goes on without loss', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const box = await sandbox(first.api, { request_persistent_storage: true });
    const lines =
      'i=0; while [ $i -lt 4000 ]; do i=$((i+1)); echo "line $i"; [ $((i % 100)) -ne 0 ] || sleep 0.05; done';
    const exec = ok(await box.api.post<Exec>(`${box.at}/execs`, { command: lines, merge: true }));
    const job = ok(
      await box.api.post<Job>(`${box.at}/execute`, {
        command: 'while [ ! -e go ]; do sleep 0.05; done; echo went',
        async_execution: true,
      }),
    );
    let seen = Buffer.alloc(0);
    const reading = (async () => {
      for await (const event of sse(box.api, `${box.at}/execs/${exec.exec_id}/output`)) {
        if (event.event === 'chunk') seen = Buffer.concat([seen, bytesOf(event)]);
      }
    })().catch(() => {});
    await until('some output came', async () => seen.length > 5_000);
    const [keeper] = await keeperPids(dataDir);
    await kill(first);
    await reading;
    const second = await start({ dataDir });
    expect(await keeperPids(dataDir)).toEqual([keeper]);
    expect(second.printed()).toMatch(/sessions\s+1 of an earlier server continue/);
    const api = second.api.as(box.owner.key);
    const session = ok(await api.get<Session>(box.at));
    expect(session).toMatchObject({
      status: 'running',
      started_at: box.session.started_at,
      expires_at: box.session.expires_at,
    });
    const events = await readSse(api, `${box.at}/execs/${exec.exec_id}/output?from=${seen.length}`);
    const all = Buffer.concat([seen, joined(events).bytes]).toString();
    expect(all).toBe(Array.from({ length: 4000 }, (_, i) => `line ${i + 1}\n`).join(''));
    expect(events.at(-1)).toMatchObject({ event: 'exit', data: { status: 'exited', exit_code: 0 } });
    await shell(api, session, 'touch go');
    const ended = await until('the job ends', async () => {
      const now = ok(await api.get<Job>(`${box.at}/jobs/${job.job_id}/status`));
      return now.status !== 'running' && now;
    });
    expect(ended).toMatchObject({ status: 'completed', stdout: 'went\n' });
    expect(ok(await api.del<Session>(box.at)).status).toBe('terminated');
  });

  it('makes nothing twice: the same Idempotency-Key meets what it made', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const box = await sandbox(first.api);
    const key = (name: string) => ({ 'Idempotency-Key': `${name}-1` });
    const create = { workspace_id: box.workspace_id, namespace: 'tests' };
    const made = ok(await box.api.post<Session>('/v1/sessions', create, key('create')));
    const run = { command: 'echo ran >> times; sleep 2; cat times' };
    const lost = box.api.post<Executed>(`${box.at}/execute`, run, key('run')).then(
      () => 'answered',
      () => 'cut off',
    );
    await until('it runs', async () => (await box.api.get<Exec[]>(`${box.at}/execs`)).body.length === 1);
    await kill(first);
    expect(await lost).toBe('cut off');
    const second = await start({ dataDir });
    const api = second.api.as(box.owner.key);
    expect(ok(await api.post<Session>('/v1/sessions', create, key('create'))).id).toBe(made.id);
    const [one, two] = await Promise.all([1, 2].map(() => api.post<Executed>(`${box.at}/execute`, run, key('run'))));
    expect(one && ok(one).stdout).toBe('ran\n');
    expect(two && ok(two)).toEqual(one?.body);
    refused(await api.post(`${box.at}/execute`, { command: 'true' }, key('run')), 'idempotency_mismatch');
    expect(ok(await api.get<Session[]>('/v1/sessions'))).toHaveLength(2);
  });

  it('leaves no half-made session behind, whenever it comes', async () => {
    const dataDir = await folder();
    let server = await start({ dataDir });
    const made: string[] = [];
    for (let round = 0; round < 4; round++) {
      const creates = Array.from({ length: 6 }, () =>
        server.api
          .post<Session>('/v1/sessions', { user: 'u', namespace: 'n', resource_package: 'dev_micro' })
          .catch(() => null),
      );
      const first = await Promise.race(creates);
      if (first) made.push(ok(first).id);
      await kill(server);
      await Promise.all(creates);
      server = await start({ dataDir });
    }
    const sessions = await until('all of them run', async () => {
      const all = ok(await server.api.get<Session[]>('/v1/sessions'));
      return all.every(({ status }) => status === 'running') && all;
    });
    expect(sessions.map(({ id }) => id)).toEqual(expect.arrayContaining(made));
    for (const session of sessions) expect(await shell(server.api, session, 'echo ok')).toBe('ok\n');
    const deleted = await Promise.all(sessions.map(({ id }) => server.api.del<Session>(`/v1/sessions/${id}`)));
    expect(deleted.every((answer) => ok(answer).status === 'terminated')).toBe(true);
    const used = ok(
      await server.api.get<{ concurrent_sessions: unknown }>('/v1/users/u/entitlements'),
    ).concurrent_sessions;
    expect(used).toMatchObject({ used: 0 });
    expect(await tracesOf(dataDir, dataDir.concat('/sandboxes/oms-ses'), [])).toEqual([]);
  });

  it('while it ends a session: the next one finishes it', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const box = await sandbox(first.api);
    const mark = marker();
    ok(await box.api.post(`${box.at}/execs`, { command: `trap '' TERM; sleep ${mark}; while :; do sleep 0.2; done` }));
    await until('it runs', async () => (await processesWith(mark)).length > 0);
    ok(await box.api.del(`${box.at}?wait=0`));
    await kill(first);
    const second = await start({ dataDir });
    await until('it is ended', async () => {
      const now = ok(await second.api.get<Session>(box.at));
      return now.status === 'terminated';
    });
    expect(await processesWith(mark)).toEqual([]);
  });
});

it('a session’s log is what its command wrote, by its own sum', async () => {
  const dataDir = await folder();
  let server = await start({ dataDir });
  const box = await sandbox(server.api);
  const size = 40_000_000;
  const command = `head -c ${size} /dev/urandom | tee data; sha256sum < data | cut -c1-64 >&2`;
  const { exec_id } = ok(await box.api.post<Exec>(`${box.at}/execs`, { command }));
  const hash = createHash('sha256');
  let position = 0;
  let said = '';
  for (let part = 1; ; part++) {
    let over = false;
    for await (const event of sse(server.api, `${box.at}/execs/${exec_id}/output?from=${position}`)) {
      over = event.event === 'exit';
      if (over) break;
      const bytes = bytesOf(event);
      position += bytes.length;
      if (event.data['stream'] === 'stdout') hash.update(bytes);
      else said += bytes.toString();
      if (position > (part * size) / 4 && part < 4) break;
    }
    if (over) break;
    await kill(server);
    server = await start({ dataDir });
  }
  expect(said.trim()).toBe(hash.digest('hex'));
  expect(position).toBe(size + 65);
});
