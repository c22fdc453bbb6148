import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as sdk from '../../sdk/typescript/src/index.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';

const { paths } = JSON.parse(readFileSync('sdk/openapi.json', 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
};

/** For machines and for browsers' own pages: no program of a user calls them. */
const NOT_OF_THE_SDK = ['ready.get', 'metrics.get', 'openapi.get', 'docs.get', 'docs.asset'];
/** Opened as WebSockets, which no `fetch` sees. */
const SOCKETS = ['sessions.shell', 'execs.attach'];

const called = new Set<string>();

/** Notes the operation of each call: of two paths that fit, the one with more of its parts written out. */
const noting: typeof fetch = (input, init) => {
  const path = new URL(String(input)).pathname;
  const method = (init?.method ?? 'GET').toLowerCase();
  const fits = Object.keys(paths)
    .filter((template) => new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path))
    .sort((a, b) => a.split('{').length - b.split('{').length);
  const [template = ''] = fits.filter((each) => paths[each]?.[method]);
  called.add(paths[template]?.[method]?.operationId ?? `${method} ${path}`);
  return fetch(input, init);
};

let server: RunningServer;
let client: sdk.OnMemOSClient;

beforeAll(async () => {
  server = await startServer();
  client = new sdk.OnMemOSClient({ baseUrl: server.url, apiKey: server.key, fetch: noting });
});
afterAll(() => stopServer(server));

describe('the TypeScript SDK', () => {
  it('has users, their keys and what they may have', async () => {
    expect((await client.health()).status).toBe('healthy');
    expect((await client.info()).user_id).toBeNull();
    const user = await client.users.put('ann', { user_type: 'pro', monthly_budget_usd: 10 });
    expect(user).toMatchObject({ user_id: 'ann', user_type: 'pro' });
    expect(await client.users.get('ann')).toEqual(user);
    expect((await client.users.list().all()).map(({ user_id }) => user_id)).toContain('ann');
    expect((await client.users.entitlements('ann')).workspaces.limit).toBe(5);

    const key = await client.keys.create({ name: 'ann’s', user_id: 'ann' });
    const own = new sdk.OnMemOSClient({ baseUrl: server.url, apiKey: key.secret });
    expect((await own.info()).user_id).toBe('ann');
    expect((await client.keys.list().all()).map(({ key_id }) => key_id)).toContain(key.key_id);
    expect((await client.keys.revoke(key.key_id)).revoked_at).not.toBeNull();
    await expect(own.info()).rejects.toBeInstanceOf(sdk.Unauthenticated);
    await expect(own.info()).rejects.toThrow(/^Authentication failed - check API key$/);
    expect((await client.users.delete('ann')).deleted).toBe(true);
    await expect(client.users.get('ann')).rejects.toBeInstanceOf(sdk.NotFound);
  });

  it('has webhooks, and notices', async () => {
    const body = { user_id: 'una', url: 'https://hooks.invalid/', events: ['session.ending'] } as const;
    const hook = await client.webhooks.create(body);
    expect(hook).toMatchObject({ user_id: 'una', status: 'active', secret: expect.stringMatching(/^whsec_/) });
    expect((await client.webhooks.list({ user: 'una' }).all()).map(({ webhook_id }) => webhook_id)).toEqual([
      hook.webhook_id,
    ]);
    expect(await client.webhooks.test(hook.webhook_id)).toMatchObject({ success: false, type: 'webhook.test' });
    expect((await client.webhooks.get(hook.webhook_id)).failing_since).not.toBeNull();
    expect((await client.webhooks.rotateSecret(hook.webhook_id)).secret).not.toBe(hook.secret);
    expect((await client.webhooks.delete(hook.webhook_id)).deleted).toBe(true);
    const watch = client.onNotice(() => undefined);
    watch.stop();
    await watch.ended;
  });

  it('has workspaces, who shares them, and what they store', async () => {
    const wanted = { user_id: 'bob', name: 'A workspace', resource_package: 'dev_micro' } as const;
    for (const workspace_id of ['one', 'two', 'three']) await client.workspaces.create({ ...wanted, workspace_id });
    await expect(client.workspaces.create({ ...wanted, workspace_id: 'one' })).rejects.toBeInstanceOf(sdk.Conflict);
    const names = (await client.workspaces.list('bob', { pageSize: 1 }).all()).map(({ workspace_id }) => workspace_id);
    expect(names.sort()).toEqual(['one', 'three', 'two']);
    const page = await client.workspaces.list('bob', { pageSize: 2 }).page();
    expect([page.items.length, typeof page.next_cursor]).toEqual([2, 'string']);
    expect((await client.workspaces.get('bob', 'one')).name).toBe('A workspace');

    expect(await client.members.put('bob', 'one', 'eve', { role: 'viewer' })).toMatchObject({ role: 'viewer' });
    expect((await client.members.list('bob', 'one').all()).map(({ member_id }) => member_id)).toEqual(['eve']);
    await client.members.delete('bob', 'one', 'eve');

    const storage = { request_persistent_storage: true, persistent_storage_size_gb: 1, request_bucket: true };
    const body = { user: 'bob', workspace_id: 'one', ttl_minutes: 10, ...storage };
    await client.session(body).then((session) => session.delete());
    expect((await client.volumes.list('bob', 'one').all()).map(({ kind }) => kind)).toEqual(['volume']);
    expect((await client.buckets.list('bob', 'one').all()).map(({ kind }) => kind)).toEqual(['bucket']);
    expect((await client.volumes.get('bob', 'one', 'default')).size_gb).toBe(1);
    expect((await client.buckets.get('bob', 'one', 'default')).kind).toBe('bucket');
    expect((await client.volumes.delete('bob', 'one', 'default')).deleted).toBe(true);
    expect((await client.buckets.delete('bob', 'one', 'default')).deleted).toBe(true);

    expect((await client.workspaces.delete('bob', 'two')).deleted).toBe(true);
    const last = await client.sessions.create(body);
    await last.start("trap '' TERM; sleep 100");
    expect((await client.workspaces.delete('bob', 'one', { force: true })).deleted).toBe(true);
    await expect(client.workspaces.get('bob', 'one')).rejects.toBeInstanceOf(sdk.WorkspaceNotFound);
    expect((await last.refresh()).status).toBe('terminated');
    await expect(client.workspaces.get('bob', 'two')).rejects.toBeInstanceOf(sdk.WorkspaceNotFound);
  });

  it('has sessions from their estimate to their end', async () => {
    const body = { user: 'cat', ttl_minutes: 30, labels: { part: 'surface' }, env: { GREETING: 'hello' } };
    expect((await client.sessions.estimate(body)).currency).toBe('USD');
    const session = await client.sessions.create(body);
    expect(session.env_names).toEqual(['GREETING']);
    expect(JSON.parse(JSON.stringify(session))).toEqual({ ...session });
    const found = await client.sessions.list({ label: 'part=surface' }).all();
    expect(found.map(({ id }) => id)).toEqual([session.id]);

    const { id } = session;
    expect((await client.sessions.update(id, { labels: { part: 'other' } })).labels).toEqual({ part: 'other' });
    const before = Date.parse(session.expires_at);
    expect(Date.parse((await session.extend(60)).expires_at)).toBeGreaterThan(before);
    expect((await session.refresh()).labels).toEqual({ part: 'other' });
    expect((await client.sessions.connect(id)).websocket).toBe(session.websocket);
    expect((await session.usage()).processes).not.toBeUndefined();
    expect((await session.cost()).session_id).toBe(id);
    expect((await session.events().all()).map(({ action }) => action)).toContain('sessions.create');
    expect((await client.sessions.ticket(id)).subprotocol).toMatch(/^onmemos\.ticket\./);
    expect((await client.sessions.cleanup('cat')).cleaned).toBe(0);
    expect((await client.sessions.terminate(id)).status).toBe('terminated');
    expect((await client.sessions.forceDelete(id)).status).toBe('terminated');
    expect((await session.delete()).status).toBe('terminated');
    await expect(session.run('true')).rejects.toBeInstanceOf(sdk.SessionNotRunning);
    await expect(client.sessions.get('ses-1/../..')).rejects.toBeInstanceOf(sdk.SessionNotFound);
    const invalid = await client.sessions.create({ ttl_minutes: 0 }).catch((error: unknown) => error);
    expect(invalid).toBeInstanceOf(sdk.Invalid);
    expect((invalid as sdk.Invalid).errors).toEqual([expect.objectContaining({ field: 'ttl_minutes' })]);
  });

  it('has commands from their start to their end', async () => {
    await using session = await client.session({ user: 'dan', ttl_minutes: 10, env: { GREETING: 'hello' } });
    const { id } = session;
    const own = 'exe-01kbp2v4w8k3e5z7c9m1q3s5t7';
    const started = await client.execs.start(id, { argv: ['cat'], stdin: true, exec_id: own });
    expect(started.exec_id).toBe(own);
    expect((await client.execs.start(id, { argv: ['cat'], stdin: true, exec_id: own })).started_at).toBe(
      started.started_at,
    );
    expect(await client.execs.stdin(id, own, { offset: 0, data: 'abc' })).toEqual({ next_offset: 3, eof: false });
    expect(await client.execs.stdin(id, own, { offset: 0, data: 'abcd', eof: true })).toEqual({
      next_offset: 4,
      eof: true,
    });
    const process = await session.process(own, { from: 1 });
    expect(await process.wait()).toBe(0);
    for await (const { seq, data } of process) expect([seq, Buffer.from(data).toString()]).toEqual([1, 'bcd']);
    expect((await client.execs.list(id).all()).map(({ exec_id }) => exec_id)).toEqual([own]);

    // As a program, not as a line: dash, between starting a program and waiting for it, drops an INT sent to its group.
    const sleeping = await session.start(['sleep', '600']);
    await sleeping.signal('INT');
    expect(await sleeping.wait()).toBe(130);
    const killed = await session.start('sleep 600');
    await killed.kill();
    expect(await killed.wait()).toBe(137);

    const job = await client.execs.execute(id, { command: 'echo "$GREETING"', async_execution: true });
    expect(await (await session.process(job.job_id)).wait()).toBe(0);
    expect(await client.execs.job(id, job.job_id)).toMatchObject({ status: 'completed', stdout: 'hello\n' });
    await expect(client.execs.get(id, 'exe-00000000000000000000000000')).rejects.toBeInstanceOf(sdk.ExecNotFound);
  });

  it('runs commands the same way whether their output is held or followed', async () => {
    await using session = await client.session({ user: 'dan', ttl_minutes: 10 });
    const command = 'echo "$A in $PWD"; printf "\\377" >&2; exit 4';
    const options = { env: { A: 'b' }, cwd: '/tmp' };
    const seen: string[] = [];
    const held = await session.run(command, options);
    const followed = await session.run(command, {
      ...options,
      onStdout: (data) => void seen.push(Buffer.from(data).toString()),
      onStderr: (data) => void seen.push(Buffer.from(data).toString('hex')),
    });
    expect({ ...followed, exec_id: '' }).toEqual({ ...held, exec_id: '' });
    expect(held).toMatchObject({ stdout: 'b in /tmp\n', stderr: '\uFFFD', stderr_base64: '/w==', returncode: 4 });
    expect(seen.sort()).toEqual(['b in /tmp\n', 'ff']);

    for (const input of [undefined, '']) {
      const late = await session.run('echo early; sleep 600', { timeout: 1, input });
      expect(late).toMatchObject({ stdout: 'early\n', returncode: 124, success: false, timed_out: true });
      const failed = session.run('echo early; sleep 600', { timeout: 1, input, check: true });
      await expect(failed).rejects.toBeInstanceOf(sdk.CommandTimeout);
      const refused = await session
        .run('echo why >&2; exit 5', { input, check: true })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(sdk.CommandFailed);
      expect(refused).not.toBeInstanceOf(sdk.CommandTimeout);
      expect(String(refused)).toBe('CommandFailed: The command ended with 5: why');
      expect((refused as sdk.CommandFailed).result).toMatchObject({ stderr: 'why\n', returncode: 5 });
    }
    // What it does not read is no error, as in a pipe.
    expect(await session.run('exec head -c 3', { input: 'x'.repeat(3_000_000) })).toMatchObject({ stdout: 'xxx' });
  });

  it('has the catalogue, the ledger and the audit log', async () => {
    const packages = await client.packages.list().all();
    expect(packages.map(({ name }) => name)).toContain('ml_h100_large');
    expect((await client.providers.list().all()).length).toBeGreaterThan(0);
    expect((await client.costs.report({ user: 'cat', group_by: 'session' })).currency).toBe('USD');
    const entries = await client.audit.list({}, { pageSize: 2 }).all(5);
    expect(entries.length).toBe(5);
    await expect(client.costs.report({ group_by: 'colour' as 'user' })).rejects.toBeInstanceOf(sdk.Invalid);
  });

  it('calls every operation of the API that is for its users', () => {
    const all = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    const missing = all.filter((operation) => ![...called, ...NOT_OF_THE_SDK, ...SOCKETS].includes(operation));
    expect(missing).toEqual([]);
    expect([...called].filter((operation) => !all.includes(operation))).toEqual([]);
  });
});
