import { Hono } from 'hono';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OPERATION_NAMES, OPERATIONS, type Operation, type OperationName } from '#contract/operations.ts';
import type { AgentActor, KeyActor } from '#services/kernel/call.ts';
import { checkAccess } from '#services/sessions/check-access.ts';
import type { Api } from '../../functions/api/app.ts';
import type { ApiEnv } from '../../functions/api/context.ts';
import { authorized } from '../../functions/api/middleware/authorize.ts';
import { problemResponse, toProblem } from '../../functions/api/problem.ts';
import { allRoutes } from '../../functions/api/routes/all.ts';
import { batteryRequest } from './support/battery-request.ts';
import { type Answer, clientOf } from './support/client.ts';
import { apiDepsOver, openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const keyed = OPERATION_NAMES.filter((name) => OPERATIONS[name].key);
/** But metrics.get, whose handler asks nobody who calls: its scope alone guards it. */
const withVerb = keyed.filter((name) => name !== 'metrics.get');

const agentHere = (): AgentActor => ({ kind: 'agent', session_id: world.session, generation: 1 });

/** The route of one operation as if the agent of Alice's session had been let in. */
const letIn = (name: OperationName, guard: 'scope' | 'none'): Promise<Answer> => {
  const route = allRoutes().find(({ operation }) => operation === name);
  if (!route) throw new Error(`${name} has no route`);
  const { method, path }: Operation = OPERATIONS[name];
  const agent = agentHere();
  const app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    c.set('request_id', 'req-1');
    // By their type keys alone come so far: this is what a mistake in the door would let in.
    c.set('actor', agent as unknown as KeyActor);
    await next();
  });
  const at = path.replaceAll(/\{([a-z_]+)\}/g, ':$1');
  if (guard === 'scope') app.on(method, at, authorized(name));
  app.on(method, at, route.handler(apiDepsOver(world.platform)));
  app.onError((error, c) => problemResponse(c, toProblem(error)));
  const { path: called, send } = batteryRequest(world, name);
  return clientOf({ app } as Api)(called, send);
};

it.each(keyed)('%s refuses the agent of the very session where scopes are checked', async (name) => {
  expect((await letIn(name, 'scope')).json).toMatchObject({ status: 403, code: 'forbidden' });
});

it.each(withVerb)('%s refuses it in the verb too', async (name) => {
  expect((await letIn(name, 'none')).json).toMatchObject({ status: 403, code: 'forbidden' });
});

it('no open stream goes on for it', async () => {
  const call = { actor: agentHere(), operation: 'execs.output', request_id: 'req-1', idempotency: null } as const;
  expect(await checkAccess(world.platform.deps, call, world.session, 'viewer')).toBe(false);
});
