import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Compute } from '#ports/compute.ts';
import { allRoutes } from '../../../functions/api/routes/all.ts';
import { clientOf } from '../support/client.ts';
import { apiOver, openWorld, type World } from '../support/world.ts';
import { executeTable, startTable, withNewId } from './execs.ts';
import { optionalFields, pairProblemsOf, problemsOf, type Table } from './walk.ts';

let world: World;
const tables: Table[] = [];
beforeAll(async () => {
  world = await openWorld();
  const told = new Map<string, Readonly<Record<string, unknown>>>();
  const { deps } = world.platform;
  const listening = (real: Compute): Compute => ({
    ...real,
    exec: async (...args) => {
      const channel = await real.exec(...args);
      return new Proxy(channel, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          if (name !== 'start') return value.bind(target);
          return (start: { exec_id: string }) => {
            told.set(start.exec_id, { ...start });
            return channel.start(start as Parameters<typeof channel.start>[0]);
          };
        },
      });
    },
  });
  const computes = { ...deps.computes, byDriver: (driver: string) => listening(deps.computes.byDriver(driver)) };
  const call = clientOf(apiOver(world.platform, { deps: { ...deps, computes } }), world.keys.alice);
  tables.push(withNewId(startTable(call, world.session, told)), withNewId(executeTable(call, world.session)));
});
afterAll(() => world?.close());

it('has an entry for each optional field of a start and an execute, and no other', () => {
  for (const { operation, fields } of tables) {
    const route = allRoutes().find((each) => each.operation === operation);
    expect(Object.keys(fields).sort()).toEqual(route ? [...optionalFields(route)].sort() : []);
  }
});

it('each field alone does what its entry says', async () => {
  expect(await problemsOf(tables)).toEqual([]);
});

it('of every two fields together, each has its effect, a warning or a refusal', async () => {
  expect(await pairProblemsOf(tables)).toEqual([]);
});
