import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

/** What an admin key makes for the user of the body. */
const MAKES = [
  ['/v1/workspaces', 'user_id', { workspace_id: 'same', name: 'w', resource_package: 'dev_micro' }],
  ['/v1/sessions', 'user', { namespace: 'n' }],
  ['/v1/keys', 'user_id', { name: 'k' }],
] as const;

describe.each(MAKES)('one Idempotency-Key for two users: POST %s', (path, field, rest) => {
  const make = (user: string, more = {}) =>
    world.call(path, { headers: { 'Idempotency-Key': 'the same' }, body: { [field]: user, ...rest, ...more } });
  const idOf = (json: unknown): unknown => {
    const { id, key_id, user_id, workspace_id } = json as Readonly<Record<string, unknown>>;
    return id ?? key_id ?? `${user_id}/${workspace_id}`;
  };

  it('makes one for each, and answers each with its own', async () => {
    const [ann, ben] = [await make('ann'), await make('ben')];
    expect([ann.status, ben.status]).toEqual([200, 200]);
    expect(ann.json).toMatchObject({ [field]: 'ann' });
    expect(ben.json).toMatchObject({ [field]: 'ben' });
    expect(idOf(ann.json)).not.toBe(idOf(ben.json));
    for (const [user, first] of [
      ['ann', ann],
      ['ben', ben],
    ] as const) {
      const again = await make(user);
      expect(again.status).toBe(200);
      expect(idOf(again.json)).toBe(idOf(first.json));
    }
  });

  it('still refuses another body for the same user', async () => {
    const other = path === '/v1/sessions' ? { namespace: 'other' } : { name: 'other' };
    expect(await make('ann', other)).toMatchObject({ status: 422, json: { code: 'idempotency_mismatch' } });
  });
});
