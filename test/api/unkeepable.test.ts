import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { OPERATIONS } from '#contract/operations.ts';
import { bodies, pathOf, required, unwrapped } from './support/bodies.ts';
import { openWorld, type World } from './support/world.ts';

/** The real store, which refuses what Firestore could not keep: a caller is told of it, and by the name of the field. */
let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

/** Half of a character, which JSON can carry. */
const HALF = 'a\ud800b';
const RESERVED = '__name__';

/** Values that a field of this kind could be given, and that some store can’t keep. */
const unkeepable = (schema: z.ZodType): readonly unknown[] => {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodString) return [HALF];
  if (inner instanceof z.ZodArray) return [[HALF], [[['a']]]];
  if (inner instanceof z.ZodRecord)
    return [{ a: HALF }, { [HALF]: 'a' }, { [RESERVED]: 'a' }, { ['x'.repeat(1501)]: 'a' }];
  if (inner instanceof z.ZodNumber) return [2 ** 53, -(2 ** 53) - 2, 1e300];
  return [];
};

it.each(bodies)('%s keeps or refuses each value, by the name of its field', async (operation, body) => {
  const method = OPERATIONS[operation].method.toUpperCase();
  const wrong: string[] = [];
  for (const [name, schema] of Object.entries(body.shape)) {
    for (const value of unkeepable(schema as z.ZodType)) {
      const { command: _, ...rest } = required()[operation] ?? {};
      const base = name === 'argv' ? rest : required()[operation];
      const { status, json, text } = await world.call(pathOf(world, operation), {
        method,
        body: { ...base, [name]: value },
      });
      if (status < 400) continue;
      const fields = ((json as { errors?: { field: string }[] }).errors ?? []).map(({ field }) => field);
      const isNamed = fields.some((field) => field === name || field.startsWith(`${name}.`));
      if (status >= 500 || (status === 422 && !isNamed))
        wrong.push(`${name} = ${JSON.stringify(value).slice(0, 60)}: ${status} ${text.slice(0, 200)}`);
    }
  }
  expect(wrong).toEqual([]);
});
