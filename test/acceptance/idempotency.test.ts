import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, ok, refused } from './support/api.ts';
import type { Entitlements, Exec, Executed, Job, Key, Session } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { type Sandbox, sandbox, shell, unique } from './support/world.ts';

const keyed = (key: string = unique('idem')) => ({ 'Idempotency-Key': key });

describe('Idempotency-Key', () => {
  let box: Sandbox;
  let create: Json;
  beforeAll(async () => {
    box = await sandbox(admin);
    create = { workspace_id: box.workspace_id, namespace: 'tests', resource_package: 'dev_micro' };
  });
  afterAll(() => box.remove());
  const live = async () =>
    ok(await box.api.get<Entitlements>(`/v1/users/${box.owner.id}/entitlements`)).concurrent_sessions.used;

  it('makes one session of one key, the repeat in any order of fields', async () => {
    const headers = keyed();
    const before = await live();
    const first = ok(await box.api.post<Session>('/v1/sessions', create, headers));
    const turned = Object.fromEntries(Object.entries(create).reverse());
    const second = ok(await box.api.post<Session>('/v1/sessions?wait=30', turned, headers));
    expect(second.id).toBe(first.id);
    expect(second.status).toBe('running');
    expect(await live()).toBe(before + 1);
    const other = { ...create, ttl_minutes: 5 };
    refused(await box.api.post('/v1/sessions', other, headers), 'idempotency_mismatch');
    ok(await box.api.del(`/v1/sessions/${first.id}`));
    expect(ok(await box.api.post<Session>('/v1/sessions', create, headers))).toMatchObject({
      id: first.id,
      status: 'terminated',
    });
    expect(await live()).toBe(before);
  });

  it('makes one session of ten calls at once', async () => {
    const headers = keyed();
    const before = await live();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => box.api.post<Session>('/v1/sessions', create, headers)),
    );
    const ids = new Set(answers.map((answer) => ok(answer).id));
    expect(ids.size).toBe(1);
    expect(await live()).toBe(before + 1);
    ok(await box.api.del(`/v1/sessions/${[...ids][0]}`));
  });

  it('belongs to its caller and its path', async () => {
    const headers = keyed();
    const mine = ok(await box.api.post<Session>('/v1/sessions', create, headers));
    const theirs = ok(await admin.post<Session>('/v1/sessions', { ...create, user: box.owner.id }, headers));
    expect(theirs.id).not.toBe(mine.id);
    const ran = ok(await box.api.post<Executed>(`${box.at}/execute`, { command: 'echo 1' }, headers));
    expect(ran.stdout).toBe('1\n');
    for (const { id } of [mine, theirs]) ok(await box.api.del(`/v1/sessions/${id}`));
  });

  it('does not remember a refusal', async () => {
    const headers = keyed();
    const body = { ...create, workspace_id: unique('later') };
    refused(await box.api.post('/v1/sessions', body, headers), 'not_found');
    const workspace = {
      user_id: box.owner.id,
      workspace_id: body.workspace_id,
      name: 'x',
      resource_package: 'dev_micro',
    };
    ok(await box.api.post('/v1/workspaces', workspace));
    const made = ok(await box.api.post<Session>('/v1/sessions', body, headers));
    expect(made.workspace_id).toBe(body.workspace_id);
    ok(await box.api.del(`/v1/workspaces/${box.owner.id}/${body.workspace_id}?force=true`));
  });

  it('runs a command once and answers it again', async () => {
    const headers = keyed();
    const body = { command: 'echo run >> runs; wc -l < runs; echo err >&2; exit 5' };
    const first = ok(await box.api.post<Executed>(`${box.at}/execute`, body, headers));
    expect(first).toMatchObject({ stdout: expect.stringMatching(/^\s*1\n$/), stderr: 'err\n', returncode: 5 });
    expect(ok(await box.api.post<Executed>(`${box.at}/execute`, body, headers))).toEqual(first);
    refused(await box.api.post(`${box.at}/execute`, { command: 'true' }, headers), 'idempotency_mismatch');
    expect(await shell(box.api, box.session, 'cat runs')).toBe('run\n');
  });

  it('joins a command that still runs', async () => {
    const headers = keyed();
    const body = { command: 'echo go >> joined; while [ ! -e go-on ]; do sleep 0.05; done; cat joined' };
    const calls = Array.from({ length: 5 }, () => box.api.post<Executed>(`${box.at}/execute`, body, headers));
    await shell(box.api, box.session, 'while [ ! -e joined ]; do sleep 0.05; done; touch go-on');
    const results = (await Promise.all(calls)).map((answer) => ok(answer));
    expect(new Set(results.map(({ exec_id }) => exec_id)).size).toBe(1);
    expect(results.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 5 }, () => 'go\n'));
  });

  it('meets the command again that its caller stopped waiting for', async () => {
    const headers = keyed();
    const body = { command: 'echo once >> hung-up; while [ ! -e answer ]; do sleep 0.05; done; cat hung-up' };
    const stop = new AbortController();
    const first = box.api.raw('POST', `${box.at}/execute`, {
      headers,
      body: JSON.stringify(body),
      signal: stop.signal,
    });
    const cut = first.catch(() => 'cut');
    await shell(box.api, box.session, 'while [ ! -e hung-up ]; do sleep 0.05; done');
    stop.abort();
    expect(await cut).toBe('cut');
    await shell(box.api, box.session, 'touch answer');
    expect(ok(await box.api.post<Executed>(`${box.at}/execute`, body, headers)).stdout).toBe('once\n');
  });

  it('starts one job and one exec', async () => {
    const headers = keyed();
    const job = { command: 'echo x >> jobs', async_execution: true };
    const jobs = await Promise.all(
      Array.from({ length: 4 }, () => box.api.post<Job>(`${box.at}/execute`, job, headers)),
    );
    expect(new Set(jobs.map((answer) => ok(answer).job_id)).size).toBe(1);
    const exec = { argv: ['sh', '-c', 'echo x >> execs'] };
    const execs = await Promise.all(
      Array.from({ length: 4 }, () => box.api.post<Exec>(`${box.at}/execs`, exec, headers)),
    );
    expect(new Set(execs.map((answer) => ok(answer).exec_id)).size).toBe(1);
    expect(
      await shell(box.api, box.session, 'while [ ! -e jobs ] || [ ! -e execs ]; do sleep 0.05; done; cat jobs execs'),
    ).toBe('x\nx\n');
    refused(await box.api.post(`${box.at}/execs`, { command: 'other' }, headers), 'idempotency_mismatch');
  });

  it('shows a key’s secret once', async () => {
    const headers = keyed();
    const body = { name: 'once' };
    const first = ok(await box.api.post<Key>('/v1/keys', body, headers));
    expect(first.secret).toMatch(/^omk_/);
    const again = ok(await box.api.post<Key>('/v1/keys', body, headers));
    expect(again.key_id).toBe(first.key_id);
    expect(again.secret).toBeUndefined();
    expect(again.message).toEqual(expect.any(String));
    refused(await box.api.post('/v1/keys', { name: 'twice' }, headers), 'idempotency_mismatch');
  });

  it('makes one workspace', async () => {
    const headers = keyed();
    const body = { user_id: box.owner.id, workspace_id: unique('ws'), name: 'x', resource_package: 'dev_micro' };
    const first = ok(await box.api.post('/v1/workspaces', body, headers));
    expect(ok(await box.api.post('/v1/workspaces', body, headers))).toEqual(first);
    refused(await box.api.post('/v1/workspaces', body), 'conflict');
    refused(await box.api.post('/v1/workspaces', { ...body, name: 'y' }, headers), 'idempotency_mismatch');
  });

  it('makes a ticket anew', async () => {
    const headers = keyed();
    const tickets = [
      ok(await box.api.post(`${box.at}/ticket`, {}, headers)),
      ok(await box.api.post(`${box.at}/ticket`, {}, headers)),
    ];
    expect(tickets[0]?.['ticket']).not.toBe(tickets[1]?.['ticket']);
  });

  it('tells which command it was once its output is gone', async () => {
    const other = await sandbox(admin);
    const headers = keyed();
    const { exec_id } = ok(await other.api.post<Executed>(`${other.at}/execute`, { command: 'echo x' }, headers));
    ok(await other.api.del(other.at));
    const problem = refused(
      await other.api.post(`${other.at}/execute`, { command: 'echo x' }, headers),
      'session_not_running',
    );
    expect(problem['exec_id']).toBe(exec_id);
    await other.remove();
  });

  it('is 1 to 255 printable characters', async () => {
    for (const bad of ['x'.repeat(256), 'a\tb']) {
      refused(await box.api.post('/v1/sessions/estimate', {}, keyed(bad)), 'invalid');
    }
  });
});
