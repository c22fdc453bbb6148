import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATION_NAMES, OPERATIONS, type Operation, type OperationName } from '#contract/operations.ts';
import { BODY_EXAMPLES } from '../../functions/api/examples.ts';
import { allRoutes } from '../../functions/api/routes/all.ts';
import { TAGS, tagOf } from '../../functions/api/tags.ts';
import type { Answer } from './support/client.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const withBody = allRoutes().flatMap(({ operation, docs }) => (docs.body === undefined ? [] : [operation]));

describe('the examples of the API page', () => {
  it('are there for every call with a body, and for no other', () => {
    expect(Object.keys(BODY_EXAMPLES).toSorted()).toEqual(withBody.toSorted());
  });

  it('are in the document, the first one first', async () => {
    const { json } = await world.call('/openapi.json');
    for (const name of withBody) {
      const { method, path } = OPERATIONS[name];
      const operation = (json as Documented).paths[path]?.[method];
      const examples = operation?.requestBody?.content['application/json']?.examples ?? {};
      expect(Object.values(examples).map(({ value }) => value)).toEqual(
        (BODY_EXAMPLES[name] ?? []).map(({ value }) => value),
      );
    }
  });

  const all = withBody.flatMap((name) => (BODY_EXAMPLES[name] ?? []).map((example) => ({ name, ...example })));
  it.each(all)('work as they are: $name, $summary', async ({ name, value }) => {
    const { method, path } = OPERATIONS[name];
    const exec = name === 'execs.stdin' || name === 'execs.signal' ? await startReader() : world.exec;
    if (value['workspace_id'] === 'demo' && name !== 'workspaces.create') await demo();
    const at = path
      .replace('{id}', world.session)
      .replace('{exec_id}', exec)
      .replace('{user_id}', path.startsWith('/v1/users') ? 'developer' : 'alice')
      .replace('{workspace_id}', 'ws')
      .replace('{member_id}', 'someone');
    const answer = await world.call(at, { method: method.toUpperCase(), body: value });
    expect(answer.status, answer.text).toBe(200);
  });

  const startReader = async (): Promise<string> => {
    const { json } = await world.call(`/v1/sessions/${world.session}/execs`, { body: { argv: ['cat'], stdin: true } });
    return (json as { exec_id: string }).exec_id;
  };
});

/** The workspace of the examples, which the page says to create first. */
const demo = () => world.call('/v1/workspaces', { body: BODY_EXAMPLES['workspaces.create']?.[0]?.value });

describe('the calls of the API page, as it fills them in', () => {
  it('fit together: each works after those before it, once the id of the session is put in', async () => {
    const { paths } = (await world.call('/openapi.json')).json as Documented;
    // Those that the examples by themselves have left hold the volume of the workspace.
    const { json } = await world.call('/v1/sessions?user=developer');
    for (const { id } of json as { id: string }[]) await world.call(`/v1/sessions/${id}`, { method: 'DELETE' });
    let session = '';
    /** Sends what the page shows: the examples of the path, of optional parameters, and one of the bodies. */
    const send = async (name: OperationName, body = 0): Promise<Answer> => {
      const { method, path } = OPERATIONS[name];
      const { parameters = [], requestBody } = paths[path]?.[method] ?? {};
      const query = new URLSearchParams();
      let at: string = path;
      for (const { name: parameter, in: where, schema } of parameters) {
        const filled = parameter === 'id' ? session : schema.example;
        if (where === 'path') at = at.replace(`{${parameter}}`, filled ?? '');
        else if (where === 'query' && filled !== undefined) query.set(parameter, filled);
      }
      const value = Object.values(requestBody?.content['application/json']?.examples ?? {})[body]?.value;
      const options = { method: method.toUpperCase(), ...(value === undefined ? {} : { body: value }) };
      const answer = await world.call(`${at}${query.size > 0 ? `?${query}` : ''}`, options);
      expect(answer.status, `${name}: ${answer.text}`).toBe(200);
      return answer;
    };
    await demo();
    session = ((await send('sessions.create', 1)).json as { id: string }).id;
    await send('execs.execute');
    await send('execs.execute', 1);
    await send('execs.start');
    await send('execs.stdin');
    await send('members.put');
    // Ids of the server other than the session's are left to the reader; a socket is nothing to try.
    const reads = OPERATION_NAMES.filter((name) => {
      const { method, path }: Operation = OPERATIONS[name];
      return method === 'get' && !/key_id|webhook_id|shell|attach|\{asset\}/.test(path);
    });
    expect(reads.length).toBeGreaterThan(25);
    for (const name of reads) await send(name);
    const ends = ['execs.kill', 'members.delete', 'sessions.delete', 'volumes.delete', 'buckets.delete'] as const;
    for (const name of [...ends, 'workspaces.delete'] as const) await send(name);
  });
});

interface Documented {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Record<
    string,
    Record<
      string,
      {
        parameters?: readonly {
          readonly name: string;
          readonly in: string;
          readonly schema: { readonly example?: string };
        }[];
        requestBody?: { content: Record<string, { examples: Record<string, { value: unknown }> } | undefined> };
      }
    >
  >;
}

describe('the groups of the API page', () => {
  it('begin with what most readers need, and each has calls', async () => {
    const { json } = await world.call('/openapi.json');
    expect((json as Documented).tags.map(({ name }) => name).slice(0, 3)).toEqual([
      'sessions',
      'commands',
      'workspaces',
    ]);
    const used = new Set(OPERATION_NAMES.map(tagOf));
    expect([...used].toSorted()).toEqual(TAGS.map(({ name }) => name).toSorted());
  });
});

describe('GET /', () => {
  const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

  it('is a page in a browser, which has no key', async () => {
    const page = await world.call('/', { key: null, headers: BROWSER });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).toContain('<h1>OnMemOS</h1>');
    for (const link of [...page.text.matchAll(/href="([^"]+)"/g)].map((match) => match[1] ?? '')) {
      expect((await world.call(link, { key: null })).status, link).toBe(200);
    }
  });

  it('is the answer of the API for a program', async () => {
    const refused = await world.call('/', { key: null, headers: { accept: '*/*' } });
    expect(refused.status).toBe(401);
    const withKey = await world.call('/', { headers: BROWSER });
    expect((withKey.json as { service: string }).service).toBe('onmemos');
  });

  it.each([
    { authorization: 'Basic dXNlcjpwYXNz' },
    { authorization: 'Bearer omk_unknown' },
    { 'x-api-key': 'x'.repeat(300) },
  ])('is a page in a browser that sends what is no key: %j', async (sent) => {
    const page = await world.call('/', { key: null, headers: { ...BROWSER, ...sent } });
    expect([page.status, page.headers.get('content-type')]).toEqual([401, expect.stringContaining('text/html')]);
    expect(page.text).toContain('<h1>OnMemOS</h1>');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const program = await world.call('/', { key: null, headers: { accept: '*/*', ...sent } });
    expect([program.status, program.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
  });
});

describe('a slash at the end of a page', () => {
  it.each(['/docs', '/openapi.json', '/health', '/ready'])('leads to it: %s', async (path) => {
    const answer = await world.call(`${path}/?a=b`, { key: null });
    expect([answer.status, answer.headers.get('location')]).toEqual([308, `${path}?a=b`]);
    expect((await world.call(path, { key: null })).status).toBe(200);
  });

  it('is still nothing elsewhere', async () => {
    expect((await world.call('/v1/sessions/')).status).toBe(404);
  });
});
