import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, ok, refused } from './support/api.ts';
import type { Event, Executed, Page } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { person, running, type Sandbox, sandbox, shell, unique } from './support/world.ts';

let box: Sandbox;
beforeAll(async () => {
  box = await sandbox(admin);
});
afterAll(() => box.remove());

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Json; readonly security?: unknown }>>>
  >;
}
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const filled = (path: string): string =>
  path.replace(/\{(\w+)\}/g, (_all, name: string) => (name === 'id' ? 'ses-00000000000000000000000000' : 'none'));

describe('the document of the API', () => {
  it('is OpenAPI 3.1 of exactly the routes that are served, and each needs the key that it says', async () => {
    const bare = admin.as(null);
    const document = ok(await bare.get<OpenApi>('/openapi.json'));
    expect(document.openapi).toMatch(/^3\.1\./);
    const open: string[] = [];
    for (const [path, item] of Object.entries(document.paths)) {
      for (const method of METHODS.filter((name) => name in item)) {
        const answer = await bare.raw(method.toUpperCase(), filled(path));
        // The files of the page are as open as the page, and this one is not there.
        if (path.startsWith('/docs/')) continue;
        expect([method, path, answer.status]).not.toEqual([method, path, 404]);
        if (answer.status !== 401) open.push(`${method} ${path}`);
        await answer.body?.cancel();
      }
    }
    expect(open.sort()).toEqual(['get /docs', 'get /health', 'get /openapi.json', 'get /ready']);
  });

  it('names every call of the design', async () => {
    const { paths } = ok(await admin.get<OpenApi>('/openapi.json'));
    const served = Object.entries(paths).flatMap(([path, item]) =>
      METHODS.filter((name) => name in item).map((name) => `${name} ${path}`),
    );
    const ws = '/v1/workspaces/{user_id}/{workspace_id}';
    const ses = '/v1/sessions/{id}';
    const wanted = [
      ...['get /health', 'get /', 'get /ready', 'get /metrics', 'get /openapi.json', 'get /docs'],
      ...['post /v1/workspaces', 'get /v1/workspaces/{user_id}', `get ${ws}`, `delete ${ws}`],
      ...['post /v1/sessions', 'get /v1/sessions', `get ${ses}`, `delete ${ses}`, `patch ${ses}`],
      ...['execute', 'terminate', 'force-delete', 'ticket', 'execs'].map((end) => `post ${ses}/${end}`),
      ...['post /v1/webhooks', 'get /v1/webhooks'],
      ...['get', 'delete'].map((verb) => `${verb} /v1/webhooks/{webhook_id}`),
      ...['test', 'rotate-secret'].map((end) => `post /v1/webhooks/{webhook_id}/${end}`),
      ...['connect', 'shell', 'usage', 'cost', 'events', 'execs', 'jobs/{job_id}/status'].map(
        (end) => `get ${ses}/${end}`,
      ),
      ...['', '/output', '/attach'].map((end) => `get ${ses}/execs/{exec_id}${end}`),
      ...['/stdin', '/signal'].map((end) => `post ${ses}/execs/{exec_id}${end}`),
      ...[`delete ${ses}/execs/{exec_id}`, 'post /v1/sessions/estimate', 'post /v1/sessions/cleanup-expired'],
      ...['get /v1/packages', 'get /v1/providers', 'get /v1/users', 'get /v1/users/{user_id}/entitlements'],
      ...['get', 'put', 'delete'].map((method) => `${method} /v1/users/{user_id}`),
      ...[`get ${ws}/members`, `put ${ws}/members/{member_id}`, `delete ${ws}/members/{member_id}`],
      ...['volumes', 'buckets'].flatMap((kind) => [
        `get ${ws}/${kind}`,
        `get ${ws}/${kind}/{name}`,
        `delete ${ws}/${kind}/{name}`,
      ]),
      ...['post /v1/keys', 'get /v1/keys', 'delete /v1/keys/{key_id}', 'get /v1/costs', 'get /v1/audit'],
    ];
    expect(served.filter((call) => !call.startsWith('get /docs/')).sort()).toEqual(wanted.sort());
  });

  it('has a page to read it, that loads nothing from elsewhere', async () => {
    const page = await admin.as(null).raw('GET', '/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).not.toMatch(/(src|href)="https?:\/\/(?!127\.0\.0\.1)/);
  });
});

describe('what is not served', () => {
  it('is 404 with the form of every refusal', async () => {
    for (const path of [
      '/nope',
      '/v1',
      '/v1/',
      '/v1/nope',
      '/v2/sessions',
      '/v1/sessions/a/b/c',
      '/%2e%2e/etc/passwd',
      '//v1',
    ]) {
      refused(await admin.get(path), 'not_found');
    }
    refused(await admin.post('/health', {}), 'not_found');
    refused(await admin.put('/v1/sessions', {}), 'not_found');
  });

  it('is told apart from what cannot be read', async () => {
    const send = async (
      body: string | Buffer,
      headers: Record<string, string> = { 'Content-Type': 'application/json' },
    ) => {
      const answer = await admin.raw('POST', '/v1/sessions', { headers, body: new Uint8Array(Buffer.from(body)) });
      return [answer.status, ((await answer.json()) as Json)['code'], answer.headers.get('content-type')];
    };
    const form = 'application/problem+json';
    for (const bad of ['{', '{"a":}', 'nonsense', '{"a":1}}', Buffer.from([0x22, 0xff, 0x22])]) {
      expect(await send(bad)).toEqual([400, 'malformed', form]);
    }
    for (const bad of ['[]', '"x"', '5', 'null', 'true']) expect(await send(bad)).toEqual([422, 'invalid', form]);
    expect(await send(`{"template":"${'x'.repeat(20_000_000)}"}`)).toEqual([413, 'too_large', form]);
    expect(await send('['.repeat(100_000) + ']'.repeat(100_000))).toEqual([422, 'invalid', form]);
    expect((await send('{"__proto__":{"user":"x"},"user":"__proto__"}'))[0]).toBe(422);
  });

  it('does not mind names that objects have by themselves', async () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      refused(await admin.get(`/v1/workspaces/${box.owner.id}/${name}`), 'not_found');
      refused(await admin.get(`/v1/sessions/${name}`), 'not_found');
      expect((await admin.get(`/v1/sessions?label=${name}&user=${box.owner.id}`)).text).toBe('[]');
      refused(await admin.get(`/v1/costs?group_by=${name}`), 'invalid');
      refused(await box.api.post('/v1/sessions', { resource_package: name }), 'invalid');
    }
  });
});

describe('health and measures', () => {
  it('says whether it can serve', async () => {
    expect(ok(await admin.as(null).get('/ready'))).toMatchObject({ ready: true });
  });

  it('counts for Prometheus, for admins alone', async () => {
    const metrics = await admin.get('/metrics');
    expect(metrics.status).toBe(200);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(metrics.text).toMatch(/^# TYPE onmemos_\w+ gauge$/m);
    expect(metrics.text).toMatch(/^onmemos_\w+(\{[^}]*\})? \d/m);
    expect(metrics.text).not.toContain(box.owner.id);
    refused(await admin.as(null).get('/metrics'), 'unauthenticated');
    refused(await box.api.get('/metrics'), 'forbidden');
  });

  it('gives each answer an id of its own', async () => {
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => (await admin.get('/health')).headers.get('x-request-id')),
    );
    expect(new Set(ids).size).toBe(5);
  });

  it('measures a session now', async () => {
    const usage = ok(await box.api.get<Readonly<Record<string, number | null>>>(`${box.at}/usage`));
    expect(Object.keys(usage).sort()).toEqual(['cpu_percent', 'disk_mb', 'memory_limit_mb', 'memory_mb', 'processes']);
    const limits = box.session.details['limits'] as Record<string, string>;
    await shell(box.api, box.session, 'head -c 30000000 /dev/urandom > thirty-mb');
    const busy = ok(await box.api.post<Executed>(`${box.at}/execs`, { command: 'while :; do :; done' }));
    const measured = await until('it is seen', async () => {
      const now = ok(await box.api.get<Readonly<Record<string, number | null>>>(`${box.at}/usage`));
      const seen = (now['disk_mb'] ?? 99) >= 28 && (now['processes'] ?? 99) >= 1 && (now['cpu_percent'] ?? 99) > 1;
      return seen && now;
    });
    if (limits['memory'] === 'hard') expect(measured['memory_limit_mb']).toBe(512);
    ok(await box.api.del(`${box.at}/execs/${busy.exec_id}`));
  });
});

describe('the catalogue', () => {
  it('has the packages with size, users and price', async () => {
    const packages = ok(await box.api.get<readonly Json[]>('/v1/packages'));
    expect(packages).toHaveLength(21);
    const named = new Map(packages.map((each) => [each['name'], each]));
    const sizes = {
      free_micro: ['250m', '512Mi'],
      dev_micro: ['250m', '512Mi'],
      dev_small: ['500m', '1Gi'],
      dev_medium: ['1', '2Gi'],
      dev_large: ['2', '4Gi'],
      ds_small: ['1', '2Gi'],
      ds_medium: ['2', '4Gi'],
      ds_large: ['4', '8Gi'],
      ml_t4_small: ['1', '4Gi'],
      ml_t4_medium: ['2', '8Gi'],
      ml_t4_large: ['4', '16Gi'],
      ml_a100_small: ['2', '8Gi'],
      ml_a100_medium: ['4', '16Gi'],
      ml_a100_large: ['8', '32Gi'],
      ml_h100_small: ['4', '16Gi'],
      ml_h100_medium: ['8', '32Gi'],
      ml_h100_large: ['8', '32Gi'],
      compute_small: ['500m', '1Gi'],
      compute_medium: ['1', '2Gi'],
      compute_large: ['2', '4Gi'],
      compute_xlarge: ['4', '8Gi'],
    };
    for (const [name, [cpu, memory]] of Object.entries(sizes)) {
      expect(named.get(name), name).toMatchObject({ cpu, memory, allowed: true, cost_per_hour: expect.any(Object) });
      const gpu = /^ml_(\w+?)_/.exec(name)?.[1];
      expect(named.get(name)?.['gpu'], name).toEqual(gpu ? { type: gpu, count: 1 } : null);
    }
  });

  it('has the providers and why one is off', async () => {
    const providers = ok(
      await box.api.get<readonly { name: string; available: boolean; why: string | null }[]>('/v1/providers'),
    );
    expect(providers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['auto', 'gke', 'cloud_run', 'workstations']),
    );
    for (const { available, why } of providers) if (!available) expect(why).toMatch(/\w/);
  });

  it('gives each image what it is named after', async () => {
    for (const [template, image_type] of [
      ['python', 'python'],
      ['nodejs', 'nodejs'],
      ['alpine', 'alpine'],
    ]) {
      const session = await running(box.api, { workspace_id: box.workspace_id, template });
      expect(session.image_spec['image_type']).toBe(image_type);
      ok(await box.api.del(`/v1/sessions/${session.id}`));
    }
  });
});

describe('events and audit', () => {
  it('tell what happened to a session, in order', async () => {
    const session = await running(box.api, { workspace_id: box.workspace_id });
    const at = `/v1/sessions/${session.id}`;
    await shell(box.api, session, 'true');
    ok(await box.api.patch(at, { ttl_minutes: 20 }));
    ok(await box.api.del(at));
    const events = ok(await box.api.get<Event[]>(`${at}/events`));
    expect(events.map(({ action }) => action)).toEqual([
      'sessions.create',
      'session.running',
      'execs.execute',
      'sessions.update',
      'sessions.delete',
      expect.stringMatching(/^session\.(terminated|ended)$/),
    ]);
    const times = events.map(({ at: time }) => time);
    expect(times).toEqual(times.toSorted());
    expect(events.every(({ session_id }) => session_id === session.id)).toBe(true);
    const page = ok(await box.api.get<Page<Event>>(`${at}/events?limit=2`));
    expect(page.items).toEqual(events.slice(0, 2));
    const rest = ok(
      await box.api.get<Page<Event>>(`${at}/events?limit=100&cursor=${encodeURIComponent(page.next_cursor ?? '')}`),
    );
    expect(rest.items).toEqual(events.slice(2));
  });

  it('tell who did what, to admins all and to others their own', async () => {
    const owner = await person(admin, 'pro', { monthly_budget_usd: 3 });
    ok(
      await owner.api.post('/v1/workspaces', {
        user_id: owner.id,
        workspace_id: 'w',
        name: 'w',
        resource_package: 'dev_micro',
      }),
    );
    const own = ok(await owner.api.get<Event[]>('/v1/audit'));
    expect(own.map(({ action }) => action)).toContain('workspaces.create');
    expect(own.every(({ actor }) => actor.user_id === owner.id)).toBe(true);
    const all = ok(await admin.get<Event[]>('/v1/audit?action=users.put'));
    expect(all.some(({ target }) => target === owner.id)).toBe(true);
    expect(all.every(({ action }) => action === 'users.put')).toBe(true);
    const secret = createHash('sha256').update(owner.key).digest('hex');
    const text = JSON.stringify(ok(await admin.get('/v1/audit')));
    expect(text).not.toContain(owner.key);
    expect(text).not.toContain(secret);
    expect(ok(await admin.get<Event[]>(`/v1/audit?user=${owner.id}`)).length).toBeGreaterThan(0);
    const stranger = await person(admin);
    expect(ok(await stranger.api.get<Event[]>('/v1/audit'))).toEqual([]);
  });

  it('keep a refusal out of what was done', async () => {
    refused(await box.api.post('/v1/sessions', { workspace_id: unique('none') }), 'not_found');
    const actions = ok(await box.api.get<Event[]>('/v1/audit?action=sessions.create'));
    expect(actions.every(({ session_id }) => session_id !== null)).toBe(true);
  });
});
