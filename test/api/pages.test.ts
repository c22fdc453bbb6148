import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATION_NAMES, OPERATIONS } from '#contract/operations.ts';
import { BODY_EXAMPLES } from '../../functions/api/examples.ts';
import { allRoutes } from '../../functions/api/routes/all.ts';
import { TAGS, tagOf } from '../../functions/api/tags.ts';
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

interface Documented {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Record<
    string,
    Record<
      string,
      { requestBody?: { content: Record<string, { examples: Record<string, { value: unknown }> } | undefined> } }
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
});
