import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { Env } from '#contract/entities/common.ts';
import { OPERATIONS } from '#contract/operations.ts';
import { bodies, pathOf, required, unwrapped } from './support/bodies.ts';
import { openWorld, type World } from './support/world.ts';

/** The real store, keeper and sandboxes: each text and list at its largest is done or refused, and never breaks anything. */
let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

/** Three bytes; two in JSON; six in JSON; one. */
const CHARACTERS = ['€', '"', '\u0001', 'x'] as const;
/** What is tried at the most: a body may have 16 MiB. */
const MOST = 13_000_000;
const MOST_ITEMS = 5000;
const MOST_VALUE = 200_000;

/** The largest number that is taken, if any is. */
const largest = (takes: (n: number) => boolean): number => {
  let low = takes(1) ? 1 : takes(2) ? 2 : 0;
  if (low === 0) return 0;
  let high = low;
  while (high < MOST && takes(high * 2)) high *= 2;
  low = high;
  high = Math.min(high * 2, MOST);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (takes(middle)) low = middle;
    else high = middle;
  }
  return low;
};

/** The largest values that a field takes, of every kind of character. */
const largestValues = (schema: z.ZodType): readonly unknown[] => {
  const inner = unwrapped(schema);
  const takes = (value: unknown): boolean => inner.safeParse(value).success;
  return CHARACTERS.flatMap((character): readonly unknown[] => {
    if (inner instanceof z.ZodString) {
      const most = largest((n) => takes(character.repeat(n)));
      return most === 0 ? [] : [character.repeat(most)];
    }
    if (inner instanceof z.ZodArray) {
      const long = largest((n) => takes([character.repeat(n)]));
      if (long === 0) return [];
      const many = largest((n) => n <= MOST_ITEMS && takes(Array(n).fill(character)));
      const half = character.repeat(Math.ceil(long / 2));
      return [[character.repeat(long)], Array(many).fill(character), [half, half]];
    }
    if (inner instanceof z.ZodRecord) {
      const each = largest((n) => n <= MOST_VALUE && takes({ a: character.repeat(n) }));
      if (each === 0) return [];
      const filled = (n: number) =>
        Object.fromEntries(Array.from({ length: n }, (_, i) => [`v${i}`, character.repeat(each)]));
      return [{ a: character.repeat(each) }, filled(largest((n) => n * each <= MOST && takes(filled(n))))];
    }
    return [];
  });
};

it.each(bodies)('%s takes or refuses the largest value of each field', async (operation, body) => {
  const method = OPERATIONS[operation].method.toUpperCase();
  const given = required()[operation];
  expect(given, `what ${operation} needs`).toBeDefined();
  const failed: string[] = [];
  for (const [name, schema] of Object.entries(body.shape)) {
    for (const value of largestValues(schema as z.ZodType)) {
      const { command: _, ...rest } = required()[operation] ?? {};
      const base = name === 'argv' ? rest : required()[operation];
      const answer = await world.call(pathOf(world, operation), { method, body: { ...base, [name]: value } });
      if (answer.status >= 500) failed.push(`${name} of ${JSON.stringify(value).length}: ${answer.text.slice(0, 300)}`);
    }
  }
  expect(failed).toEqual([]);
});

it('a command takes or refuses the largest line, arguments and environment together', async () => {
  const seen: [string, number, number][] = [];
  for (const character of CHARACTERS) {
    const env = largestValues(Env).find((value) =>
      JSON.stringify(value).includes(JSON.stringify(character).slice(1, -1)),
    );
    const bytes = Buffer.byteLength(character);
    const argv = ['true', character.repeat(Math.floor(131_000 / bytes)), character.repeat(Math.floor(131_000 / bytes))];
    const all = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [`v${i}`, character.repeat(Math.floor(32_700 / bytes))]),
    );
    expect(env).toBeDefined();
    const body = { user: 'alice', workspace_id: 'ws', ttl_minutes: 5, env: all };
    const created = await world.call('/v1/sessions?wait=60', { body });
    expect(created.status, created.text.slice(0, 200)).toBeLessThan(500);
    const { id = world.session } = created.json as { id?: string };
    const ran = await world.call(`/v1/sessions/${id}/execs`, { body: { argv, env: all } });
    expect(ran.status, ran.text.slice(0, 300)).toBeLessThan(500);
    seen.push([character, created.status, ran.status]);
    if (id !== world.session) await world.call(`/v1/sessions/${id}`, { method: 'DELETE' });
  }
  expect(seen.filter(([, created]) => created === 200).length).toBeGreaterThan(1);
});
