import type { World } from '../support/world.ts';
import { clientOf, type Client } from '../support/client.ts';
import { parseSse } from '../support/sse.ts';
import { type Entry, type Given, outcomeOf, type Outcome, requestOf, type Table } from './walk.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const sendTo =
  (call: Client, method: Method, path: () => string | Promise<string>, key?: string) =>
  async (given: Given): Promise<Outcome> => {
    const { body, query, headers } = requestOf(given);
    const send = method === 'GET' || method === 'DELETE' ? {} : { body };
    const to = `${await path()}${query}`;
    return outcomeOf(await call(to, { method, headers, ...send, ...(key ? { key } : {}) }));
  };

const items = ({ json }: Outcome): readonly Record<string, unknown>[] =>
  Array.isArray(json) ? json : ((json?.items ?? []) as Record<string, unknown>[]);

/** A list has at least two items, so that a page of one shows that it is one. */
const PAGE: Table['fields'] = {
  'query.limit': { value: 1, seen: (o) => o.json?.items?.length === 1 && o.json.next_cursor !== null },
  'query.cursor': {
    value: 'the first page’s',
    beside: { 'query.limit': 1 },
    seen: (o) => o.after['first'] !== undefined && JSON.stringify(items(o)[0]) !== o.after['first'],
  },
};

/** Sends the cursor of the first page where any is asked for. */
const paged =
  (call: Client, path: string, key?: string) =>
  async (given: Given): Promise<Outcome> => {
    const send = key ? { key } : {};
    const { query } = requestOf({ ...given, 'query.cursor': undefined });
    if (given['query.cursor'] === undefined) return outcomeOf(await call(`${path}${query}`, send));
    const first = outcomeOf(await call(`${path}${query}`, send));
    const next = encodeURIComponent(String(first.json?.next_cursor));
    const second = await call(`${path}${query}&cursor=${next}`, send);
    return outcomeOf(second, { first: JSON.stringify(items(first)[0]) });
  };

const list = (call: Client, operation: string, path: string, fields: Table['fields'] = {}, key?: string): Table => ({
  operation,
  base: () => ({}),
  send: paged(call, path, key),
  fields: { ...PAGE, ...fields },
});

const only = (name: string, value: string, where = name): readonly [string, Entry] => [
  `query.${name}`,
  { value, seen: (o) => items(o).length > 0 && items(o).every((item) => item[where] === value) },
];

const webhookCreate = (call: Client): Table => ({
  operation: 'webhooks.create',
  base: () => ({ url: 'https://example.com/hook', user_id: 'webhooks' }),
  send: async (given) => {
    const answer = outcomeOf(await call('/v1/webhooks', { body: requestOf(given).body }));
    // A user has a few webhooks at most.
    if (answer.status === 200) await call(`/v1/webhooks/${answer.json.webhook_id}`, { method: 'DELETE' });
    return answer;
  },
  fields: {
    user_id: { value: 'alice', seen: ({ json }) => json.user_id === 'alice' },
    events: { value: ['session.ending'], seen: ({ json }) => String(json.events) === 'session.ending' },
    description: { value: 'text', seen: ({ json }) => json.description === 'text' },
  },
});

/** Every operation but those of `sessions.ts` and `execs.ts`. */
export const otherTables = (world: World): readonly Table[] => {
  const { call, session, exec, keys } = world;
  const as = (key: string): Client => clientOf(world.api, key);
  let made = 0;
  const create = async (user = 'alice'): Promise<string> =>
    ((await call('/v1/sessions?wait=60', { body: { user, ttl_minutes: 5 } })).json as { id: string }).id;
  const running = async (): Promise<string> => {
    const started = await call(`/v1/sessions/${session}/execs`, { body: { command: 'cat', stdin: true } });
    return (started.json as { exec_id: string }).exec_id;
  };
  const waits = (operation: string, method: Method, path: (id: string) => string): Table => ({
    operation,
    base: () => ({}),
    send: sendTo(call, method, async () => path(await create())),
    fields: { 'query.wait': { value: 0, seen: ({ json }) => json.status === 'terminating' } },
  });
  const stdin = async (given: Given): Promise<Outcome> => {
    const id = await running();
    const path = `/v1/sessions/${session}/execs/${id}`;
    const { body } = requestOf(given);
    const answer = await call(`${path}/stdin`, { body });
    const state = (await call(path)).json as { stdin_offset: number };
    await call(path, { method: 'DELETE' });
    const output = parseSse((await call(`${path}/output?from=0`)).text);
    return outcomeOf(answer, { state, output: JSON.stringify(output) });
  };
  const events = async (given: Given): Promise<Outcome> => {
    const { query, headers } = requestOf(given);
    const {
      status,
      text,
      json,
      headers: got,
    } = await call(`/v1/sessions/${session}/execs/${exec}/output${query}`, { headers });
    const problem = json as { errors?: { field: string }[] } | null;
    const refused = (problem?.errors ?? []).map(({ field }) => field);
    return { status, json: problem, warnings: [], refused, after: { text, type: got.get('content-type') } };
  };
  const since = '2020-01-01T00:00:00Z';
  return [
    list(call, 'packages.list', '/v1/packages'),
    list(call, 'providers.list', '/v1/providers'),
    list(call, 'users.list', '/v1/users'),
    list(call, 'keys.list', '/v1/keys'),
    list(call, 'workspaces.list', '/v1/workspaces/alice'),
    list(call, 'members.list', '/v1/workspaces/alice/ws/members'),
    list(call, 'volumes.list', '/v1/workspaces/alice/ws/volumes'),
    list(call, 'buckets.list', '/v1/workspaces/alice/ws/buckets'),
    list(call, 'sessions.events', `/v1/sessions/${session}/events`),
    list(call, 'execs.list', `/v1/sessions/${session}/execs`),
    list(
      call,
      'sessions.list',
      '/v1/sessions',
      Object.fromEntries([
        only('namespace', 'tests'),
        only('user', 'bob'),
        only('workspace_id', 'ws'),
        only('workspace_owner', 'bob'),
        ['query.state', { value: 'creating', seen: (o) => o.status === 200 && items(o).length === 0 }],
        ['query.label', { value: 'walk=1', seen: (o) => items(o).length === 1 }],
      ] as [string, Entry][]),
    ),
    webhookCreate(call),
    list(call, 'webhooks.list', '/v1/webhooks', Object.fromEntries([only('user', 'bob', 'user_id')])),
    list(
      call,
      'audit.list',
      '/v1/audit',
      Object.fromEntries([
        only('session_id', session),
        only('action', 'keys.create'),
        ['query.user', { value: 'vera', seen: (o) => !JSON.stringify(o.json).includes('keys.revoke') }],
      ] as [string, Entry][]),
    ),
    {
      operation: 'users.put',
      pairs: true,
      base: () => ({}),
      send: async (given) => {
        const path = `/v1/users/walk-${++made}`;
        await call(path, { method: 'PUT', body: requestOf(given).body });
        return outcomeOf(await call(path));
      },
      fields: {
        user_type: { value: 'pro', seen: ({ json }) => json.user_type === 'pro' },
        max_concurrent_sessions: { value: 77, seen: ({ json }) => json.max_concurrent_sessions === 77 },
        monthly_budget_usd: { value: 5.5, seen: ({ json }) => json.monthly_budget_usd === 5.5 },
        budget_action: { value: 'terminate', seen: ({ json }) => json.budget_action === 'terminate' },
      },
    },
    {
      operation: 'workspaces.create',
      base: () => ({ user_id: 'alice', workspace_id: `w${++made}`, name: 'W', resource_package: 'dev_micro' }),
      send: sendTo(call, 'POST', () => '/v1/workspaces'),
      fields: { description: { value: 'text', seen: ({ json }) => json.description === 'text' } },
    },
    {
      operation: 'workspaces.delete',
      base: () => ({}),
      send: async (given) => {
        const workspace_id = `gone${++made}`;
        const body = { user_id: 'alice', workspace_id, name: 'W', resource_package: 'dev_micro' };
        await call('/v1/workspaces', { body });
        const storage = { workspace_id, request_persistent_storage: true, persistent_storage_size_gb: 1 };
        const { id } = (await call('/v1/sessions?wait=60', { body: { user: 'alice', ...storage } })).json as {
          id: string;
        };
        await call(`/v1/sessions/${id}`, { method: 'DELETE' });
        return sendTo(call, 'DELETE', () => `/v1/workspaces/alice/${workspace_id}`)(given);
      },
      fields: { 'query.force': { value: 'true', seen: ({ json }) => json.retained_until === null } },
    },
    {
      operation: 'keys.create',
      pairs: true,
      base: () => ({ name: 'walk' }),
      send: sendTo(call, 'POST', () => '/v1/keys'),
      fields: {
        user_id: { value: 'alice', seen: ({ json }) => json.user_id === 'alice' },
        scopes: { value: ['exec'], seen: ({ json }) => String(json.scopes) === 'exec' },
        workspace_id: {
          value: 'ws',
          beside: { workspace_owner: 'alice' },
          seen: ({ json }) => json.workspace_id === 'ws',
        },
        workspace_owner: [
          { value: 'alice', beside: { workspace_id: 'ws' }, seen: ({ json }) => json.workspace_owner === 'alice' },
          { value: 'alice', refused: /workspace_id: is needed beside workspace_owner/ },
        ],
        session_id: { value: session, seen: ({ json }) => json.session_id === session },
        expires_at: { value: '2100-01-01T00:00:00Z', seen: ({ json }) => json.expires_at?.startsWith('2100') === true },
      },
    },
    {
      operation: 'sessions.update',
      pairs: true,
      base: () => ({}),
      send: async (given) => {
        const { body } = requestOf(given);
        const path = `/v1/sessions/${session}`;
        // With neither of the two there is nothing to change.
        await call(path, { method: 'PATCH', body: { ttl_minutes: 60, labels: {} } });
        const changed = Object.keys(body).length === 0 ? await call(path) : await call(path, { method: 'PATCH', body });
        const { expires_at } = changed.json as { expires_at: string };
        return outcomeOf(changed, { minutes: (Date.parse(expires_at) - Date.now()) / 60_000 });
      },
      fields: {
        ttl_minutes: { value: 500, seen: ({ after }) => Number(after['minutes']) > 400 },
        labels: { value: { a: 'b' }, seen: ({ json }) => json.labels?.a === 'b' },
      },
    },
    {
      operation: 'sessions.cleanup',
      base: () => ({}),
      send: sendTo(as(keys.bob), 'POST', () => '/v1/sessions/cleanup-expired'),
      fields: {
        'query.user': { value: 'alice', refused: /alice/ },
        // What it ends is shown by test/api/cleanup.test.ts; here, that a name which can't be one is refused.
        'query.namespace': { value: 'a b', refused: /namespace/ },
      },
    },
    waits('sessions.delete', 'DELETE', (id) => `/v1/sessions/${id}`),
    waits('sessions.terminate', 'POST', (id) => `/v1/sessions/${id}/terminate`),
    waits('sessions.force_delete', 'POST', (id) => `/v1/sessions/${id}/force-delete`),
    {
      operation: 'execs.stdin',
      pairs: true,
      base: () => ({ offset: 0, data: 'aGk=' }),
      send: stdin,
      fields: {
        encoding: { value: 'base64', seen: ({ json }) => json.next_offset === 2 },
        eof: { value: true, seen: ({ json }) => json.eof === true },
      },
    },
    {
      operation: 'execs.output',
      base: () => ({}),
      send: events,
      fields: {
        'query.from': { value: 3, seen: ({ after }) => String(after['text']).includes('"seq":3,') },
        // Who holds is shown by test/api/output.test.ts; here, that a name which can't be one is refused.
        'query.hold': { value: 'a b', refused: /hold/ },
        // Where it begins is shown by test/api/output-since.test.ts; here, that all of an ended command is before now.
        'query.since': {
          value: new Date().toISOString(),
          seen: ({ after }) => !String(after['text']).includes('"seq":'),
        },
        'header.Last-Event-ID': { value: '3', seen: ({ after }) => String(after['text']).includes('"seq":3,') },
      },
    },
    {
      operation: 'costs.report',
      base: () => ({ 'query.from': since, 'query.to': '2020-03-01T00:00:00Z' }),
      send: sendTo(as(keys.vera), 'GET', () => '/v1/costs'),
      fields: {
        'query.from': { value: '2020-02-01T00:00:00Z', seen: ({ json }) => json.from?.startsWith('2020-02') === true },
        'query.to': { value: '2020-02-01T00:00:00Z', seen: ({ json }) => json.to?.startsWith('2020-02') === true },
        'query.user': { value: 'alice', refused: /alice/ },
        'query.workspace_owner': { value: 'alice', refused: /alice/ },
        'query.workspace_id': {
          value: 'ws',
          beside: { 'query.workspace_owner': 'alice' },
          seen: ({ status }) => status === 200,
        },
        'query.group_by': { value: 'session', refused: /group_by: session takes at most/ },
      },
    },
  ];
};
