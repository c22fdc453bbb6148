import { answered, type Ask } from './call.ts';
import type { Json } from './json.ts';
import type { Random } from './random.ts';
import { create, nextName, running } from './sessions.ts';
import { count, type Fact, pause, violation, type World } from './world.ts';

const OWNER = 'olga';
const BUYER = 'buyer';

const is =
  (wanted: number, fields: Json = {}) =>
  (status: number, body: Json): string | null => {
    if (status !== wanted) return `answers ${status} instead of ${wanted}`;
    const wrong = Object.keys(fields).find((name) => body[name] !== fields[name]);
    return wrong === undefined
      ? null
      : `has ${wrong} ${JSON.stringify(body[wrong])}, not ${JSON.stringify(fields[wrong])}`;
  };

/** Makes a change that one GET shows, and notes what is to be seen from then on. */
const changeFact = async (world: World, name: string, fact: Fact, ask: Ask, expect: Fact['expect']): Promise<Json> => {
  fact.unsure = true;
  world.facts.set(name, fact);
  const { status, body } = await answered(world, ask);
  if (status !== 200) violation(world, `${ask.method} ${ask.path} answered ${status} ${JSON.stringify(body)}`);
  fact.expect = expect;
  fact.unsure = false;
  return body;
};

const factAt = (path: string, key?: string): Fact => ({
  path,
  unsure: true,
  expect: () => null,
  ...(key === undefined ? {} : { key }),
});

/** A workspace made, perhaps used with storage, and deleted with all that is in it. */
export const makeWorkspace = async (world: World, random: Random): Promise<void> => {
  const id = nextName('ws');
  const path = `/v1/workspaces/${OWNER}/${id}`;
  const fact = factAt(path);
  await changeFact(
    world,
    path,
    fact,
    {
      method: 'POST',
      path: '/v1/workspaces',
      body: { user_id: OWNER, workspace_id: id, name: `Room ${id}`, resource_package: 'dev_micro' },
      idempotencyKey: id,
    },
    is(200, { workspace_id: id, name: `Room ${id}`, status: 'active' }),
  );
  count(world, 'workspaces created');
  const session = random.chance(0.4)
    ? await create(world, random, {
        user: OWNER,
        workspace_id: id,
        request_persistent_storage: true,
        persistent_storage_size_gb: 1,
        request_bucket: random.chance(0.5),
        bucket_size_gb: 2,
      })
    : null;
  if (session && random.chance(0.5)) await running(world, session);
  await pause(random.whole(0, 1_500));
  if (session) session.endAsked = true;
  await changeFact(world, path, fact, { method: 'DELETE', path: `${path}?force=true` }, (status, body) =>
    // It is shown while its session ends.
    status === 200 && body['status'] === 'deleting' && session ? null : is(404)(status, body),
  );
  count(world, 'workspaces deleted');
};

/** A key made and, mostly, revoked: it opens from the one answer to the other. */
export const makeKey = async (world: World, random: Random): Promise<void> => {
  const name = nextName('key');
  const made = await answered(world, {
    method: 'POST',
    path: '/v1/keys',
    body: { name, user_id: OWNER },
    idempotencyKey: name,
  });
  const { key_id, secret } = made.body;
  if (made.status !== 200) violation(world, `a key was refused: ${made.status} ${JSON.stringify(made.body)}`);
  count(world, 'keys created');
  const path = `/v1/keys/${key_id}`;
  // A lost answer took the secret with it; the key is there all the same, and revoked.
  const fact = typeof secret === 'string' ? factAt('/v1/providers', secret) : null;
  if (fact) {
    fact.expect = (status) => (status === 200 ? null : `of an acknowledged key answers ${status}`);
    fact.unsure = false;
    world.facts.set(path, fact);
  }
  await pause(random.whole(100, 1_500));
  if (random.chance(0.2)) return;
  await changeFact(world, path, fact ?? factAt('/v1/providers'), { method: 'DELETE', path }, (status) =>
    fact === null || status === 401 ? null : `of a revoked key answers ${status}`,
  );
  count(world, 'keys revoked');
};

/** Another budget, never one that keeps anybody from anything here: reservations come and go with it. */
export const changeBudget = async (world: World, random: Random): Promise<void> => {
  const path = `/v1/users/${BUYER}`;
  const monthly_budget_usd = random.pick([null, 1_000, 2_000, 5_000]);
  const budget_action = random.pick(['refuse', 'refuse', 'terminate']);
  await changeFact(
    world,
    path,
    world.facts.get(path) ?? factAt(path),
    { method: 'PUT', path, body: { monthly_budget_usd, budget_action } },
    is(200, { monthly_budget_usd, budget_action }),
  );
  count(world, 'budgets set');
};
