import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OPERATIONS } from '#contract/operations.ts';
import { allRoutes } from '../../functions/api/routes/all.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const RUNS = 60;
const STRANGE = [
  '',
  ' ',
  '\0',
  'ä',
  '😀',
  '__proto__',
  '-1',
  '1e309',
  'NaN',
  'true',
  'null',
  '%',
  '%00',
  "'",
  '"',
  '*',
  '../..',
  'x'.repeat(3000),
];
const anyText = fc.oneof(
  fc.constantFrom(...STRANGE),
  fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => text.isWellFormed()),
);
const anyValue = fc.oneof(anyText, fc.jsonValue({ maxDepth: 3 }), fc.double(), fc.maxSafeInteger());

const fieldsOf = (schema: z.ZodType): string[] => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []);
/** A stranger’s names, so that what happens to be valid makes nothing. */
const filled = (path: string): string => path.replaceAll(/\{[a-z_]+\}/g, 'nobody');

const routes = allRoutes();
const withQuery = routes
  .filter(({ docs }) => docs.query !== undefined)
  .map((route) => [route.operation, route] as const);
const withBody = routes.filter(({ docs }) => docs.body !== undefined).map((route) => [route.operation, route] as const);

describe('no query makes the server fail', () => {
  it.each(withQuery)(
    '%s',
    async (operation, { docs }) => {
      const { method, path } = OPERATIONS[operation];
      const query = fc.record(Object.fromEntries(Object.keys(docs.query?.shape ?? {}).map((name) => [name, anyText])), {
        requiredKeys: [],
      });
      const target = method === 'get' ? filled(path).replace('/nobody', '/alice') : filled(path);
      await fc.assert(
        fc.asyncProperty(query, async (params) => {
          const key = method === 'get' ? world.keys.alice : world.keys.bob;
          const body = method === 'post' ? { body: { workspace_id: 'nowhere' } } : {};
          const { status, text } = await world.call(
            `${target}?${new URLSearchParams(params as Record<string, string>)}`,
            {
              method: method.toUpperCase(),
              key,
              ...body,
            },
          );
          expect(status, text).toBeLessThan(500);
        }),
        { numRuns: RUNS },
      );
    },
    60_000,
  );
});

describe('no body makes the server fail', () => {
  it.each(withBody)(
    '%s',
    async (operation, { docs }) => {
      const { method, path } = OPERATIONS[operation];
      const fields = docs.body === undefined ? [] : fieldsOf(docs.body);
      expect(fields.length).toBeGreaterThan(0);
      const bodies = fc.record(Object.fromEntries(fields.map((field) => [field, anyValue])), { requiredKeys: [] });
      await fc.assert(
        fc.asyncProperty(bodies, async (given) => {
          const body = operation.startsWith('sessions.') ? { ...given, workspace_id: 'nowhere' } : given;
          const { status, text } = await world.call(filled(path), {
            method: method.toUpperCase(),
            key: world.keys.bob,
            body,
          });
          expect(status, text).toBeLessThan(500);
          expect(status === 200 && operation !== 'keys.create', text).toBe(false);
        }),
        { numRuns: RUNS },
      );
    },
    60_000,
  );
});
