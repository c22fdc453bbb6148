import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OPERATIONS } from '#contract/operations.ts';
import { operationOf } from '../../../functions/api/route.ts';
import { allRoutes } from '../../../functions/api/routes/all.ts';
import { openWorld, type World } from '../support/world.ts';
import { otherTables } from './others.ts';
import { objectsOf, optionalFields, pairProblemsOf, problemsOf, type Table } from './walk.ts';

let world: World;
let tables: readonly Table[] = [];
beforeAll(async () => {
  world = await openWorld();
  const { call } = world;
  await call('/v1/workspaces', {
    body: { user_id: 'alice', workspace_id: 'b', name: 'B', resource_package: 'dev_micro' },
  });
  const more = { user: 'alice', workspace_id: 'ws', persistent_storage_size_gb: 1, bucket_size_gb: 1 };
  await call('/v1/sessions?wait=60', { body: { ...more, storage_config: { volume: 'second', bucket: 'second' } } });
  await call('/v1/sessions?wait=60', { body: { user: 'bob', labels: { walk: '1' } } });
  await call(`/v1/sessions/${world.session}/execute`, { body: { command: 'true' } });
  await call('/v1/webhooks', { body: { user_id: 'bob', url: 'https://example.com/hook' } });
  tables = otherTables(world);
});
afterAll(() => world?.close());

/** Operations with a test of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'sessions.create': 'create.test.ts',
  'sessions.estimate': 'estimate.test.ts',
  'execs.start': 'execs.test.ts',
  'execs.execute': 'execs.test.ts',
  // A socket, and what it waits for.
  'sessions.shell': '../being-created.test.ts',
  // A socket, which has the query of execs.output: sockets.test.ts.
  'execs.attach': '../sockets.test.ts',
};

it('has an entry for each optional field of every other operation, and no other', () => {
  const wanted = allRoutes()
    .filter((route) => !(route.operation in ELSEWHERE) && optionalFields(route).length > 0)
    .map((route) => [route.operation, [...optionalFields(route)].sort()]);
  const there = tables.map(({ operation, fields }) => [operation, Object.keys(fields).sort()]);
  expect(Object.fromEntries(there)).toEqual(Object.fromEntries(wanted));
});

it('each field alone does what its entry says', async () => {
  expect(await problemsOf(tables)).toEqual([]);
});

it('of every two fields together, each has its effect, a warning or a refusal', async () => {
  expect(await pairProblemsOf(tables.filter((each) => each.pairs))).toEqual([]);
});

/** The path of an operation in this world. */
const pathOf = (operation: keyof typeof OPERATIONS): string => {
  const names = { id: world.session, user_id: 'alice', workspace_id: 'ws', exec_id: world.exec, job_id: world.exec };
  const all: Readonly<Record<string, string>> = {
    ...names,
    member_id: 'vera',
    name: 'default',
    key_id: world.aliceKeyId,
    webhook_id: 'wbh-1',
  };
  return OPERATIONS[operation].path.replaceAll(/\{(\w+)\}/g, (_, name: string) => all[name] ?? name);
};

describe('an unknown name', () => {
  const withKey = allRoutes().filter(
    ({ operation }) => operationOf(operation).key && operation !== 'metrics.get' && operation !== 'info.get',
  );

  it.each(withKey.map((route) => [route.operation, route] as const))(
    'in the query of %s is refused',
    async (operation, { docs }) => {
      const method = OPERATIONS[operation].method.toUpperCase();
      const known = Object.keys(docs.query?.shape ?? {});
      const headers = { upgrade: 'websocket', connection: 'upgrade' };
      for (const name of ['nosuchthing', ...known.map((each) => `${each}x`)]) {
        const answer = await world.call(`${pathOf(operation)}?${name}=1`, {
          method,
          headers,
          ...(docs.body ? { body: {} } : {}),
        });
        expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: name }] } });
        const meant = known.find((each) => `${each}x` === name);
        if (meant !== undefined) expect(answer.text).toContain(`Did you mean ${meant}?`);
      }
    },
  );

  it.each(withKey.flatMap(({ operation, docs: { body } }) => (body ? [[operation, body] as const] : [])))(
    'in the body of %s is refused, at every depth, with the name that was probably meant',
    async (operation, body) => {
      const method = OPERATIONS[operation].method.toUpperCase();
      for (const { path, object } of objectsOf(body)) {
        for (const known of Object.keys(object.shape)) {
          const inner = { [`${known}x`]: 1 };
          const sent = path === '' ? inner : { [path]: inner };
          const answer = await world.call(pathOf(operation), { method, body: sent });
          const field = path === '' ? `${known}x` : `${path}.${known}x`;
          const found = (answer.json as { errors?: { field: string; message: string }[] }).errors?.find(
            (e) => e.field === field,
          );
          expect({ operation, field, message: found?.message }).toEqual({
            operation,
            field,
            message: `is unknown here. Did you mean ${known}?`,
          });
        }
      }
    },
  );

  it.each(
    withKey
      .filter(({ operation, docs }) => !docs.body && OPERATIONS[operation].method !== 'get')
      .map(({ operation }) => operation),
  )('in a body of %s, which takes none, is refused', async (operation) => {
    const method = OPERATIONS[operation].method.toUpperCase();
    const answer = await world.call(pathOf(operation), { method, body: { force: true } });
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: 'force' }] } });
  });

  it('that is given twice in a query is refused', async () => {
    const answer = await world.call('/v1/sessions?user=a&user=b');
    expect(answer).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'user', message: 'is given more than once; give it once' }] },
    });
  });
});

it('every body is closed to unknown names at every depth', () => {
  const open = allRoutes().flatMap(({ operation, docs: { body } }) =>
    body
      ? objectsOf(body)
          .filter(({ object }) => !(object._zod.def.catchall instanceof z.ZodNever))
          .map(({ path }) => `${operation} ${path}`)
      : [],
  );
  expect(open).toEqual([]);
});
