import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { OPERATIONS, type OperationName } from '#contract/operations.ts';
import { allRoutes } from '../../functions/api/routes/all.ts';
import type { Send } from './support/client.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

/** The schema that the document gives for a success of each JSON route. */
const schemas = new Map<OperationName, z.ZodType>();
for (const { operation, docs } of allRoutes()) {
  const success = docs.responses[200] as { content?: Record<string, { schema: z.ZodType }> } | undefined;
  const schema = success?.content?.['application/json']?.schema;
  if (schema && operation !== 'openapi.get') schemas.set(operation, schema);
}

const call = async (operation: OperationName, names: Record<string, string>, send: Send = {}, query = '') => {
  const { method, path } = OPERATIONS[operation];
  const filled = path.replaceAll(/\{([a-z_]+)\}/g, (_all, name: string) => names[name] ?? '');
  const answer = await world.call(`${filled}${query}`, { method: method.toUpperCase(), ...send });
  expect({ operation, status: answer.status, text: answer.status === 200 ? '' : answer.text }).toEqual({
    operation,
    status: 200,
    text: '',
  });
  // Parsing drops what the schema does not know: what comes out must be all that went in.
  expect(schemas.get(operation)?.parse(answer.json)).toEqual(answer.json);
  return answer.json as Record<string, unknown>;
};
const names = (): Record<string, string> => ({
  id: world.session,
  user_id: 'alice',
  workspace_id: 'ws',
  name: 'default',
  exec_id: world.exec,
  job_id: world.exec,
  webhook_id: world.webhook,
});

describe('the answer is exactly what the document says', () => {
  const reads = [...schemas.keys()].filter((operation) => OPERATIONS[operation].method === 'get');

  it.each(reads)('%s', async (operation) => {
    await call(operation, names());
    const isList = Array.isArray(
      (
        await world.call(
          OPERATIONS[operation].path.replaceAll(/\{([a-z_]+)\}/g, (_all, name: string) => names()[name] ?? ''),
        )
      ).json,
    );
    if (isList) await call(operation, names(), {}, '?limit=2');
  });

  it('for everything that is made, changed and removed', async () => {
    const done = new Set<OperationName>(reads);
    const tell = (operation: OperationName, given: Record<string, string>, send: Send = {}, query = '') => {
      done.add(operation);
      return call(operation, given, send, query);
    };
    await tell('users.put', { user_id: 'carl' }, { body: { user_type: 'PRO', monthly_budget_usd: 100 } });
    const at = { user_id: 'carl', workspace_id: 'w1' };
    await tell('workspaces.create', {}, { body: { ...at, name: 'W', resource_package: 'dev_small' } });
    await tell('members.put', { ...at, member_id: 'dora' }, { body: { role: 'editor' } });
    await tell('members.delete', { ...at, member_id: 'dora' });
    const key = await tell('keys.create', {}, { body: { name: 'k', user_id: 'carl' } });
    await tell('keys.revoke', { key_id: String(key.key_id) });
    const hook = await tell('webhooks.create', {}, { body: { user_id: 'carl', url: 'https://hooks.invalid/' } });
    const webhook_id = String(hook.webhook_id);
    await tell('webhooks.test', { webhook_id });
    await tell('webhooks.rotate', { webhook_id });
    await tell('webhooks.delete', { webhook_id });
    const spec = {
      user: 'carl',
      namespace: 'n',
      workspace_id: 'w1',
      request_persistent_storage: true,
      request_bucket: true,
      env: { A: 'b' },
    };
    await tell('sessions.estimate', {}, { body: spec });
    const session = await tell('sessions.create', {}, { body: spec }, '?wait=60');
    expect(session).toMatchObject({ status: 'running', user: 'carl', workspace_id: 'w1' });
    const id = String(session.id);
    await tell('sessions.update', { id }, { body: { ttl_minutes: 30, labels: { a: 'b' } } });
    await tell('sessions.ticket', { id });
    await tell('execs.execute', { id }, { body: { command: "printf '\\377'; printf err >&2; exit 3" } });
    const job = await tell('execs.execute', { id }, { body: { command: 'sleep 60', async_execution: true } });
    await call('jobs.status', { id, job_id: String(job.job_id) });
    await tell('execs.kill', { id, exec_id: String(job.job_id) });
    const exec = await tell('execs.start', { id }, { body: { argv: ['cat'], stdin: true } });
    const exec_id = String(exec.exec_id);
    await tell('execs.stdin', { id, exec_id }, { body: { offset: 0, data: 'aGk=', encoding: 'base64' } });
    await tell('execs.signal', { id, exec_id }, { body: { signal: 'SIGTERM' } });
    await tell('sessions.cleanup', {}, {}, '?user=carl');
    await tell('sessions.terminate', { id });
    await tell('sessions.force_delete', { id });
    expect(await tell('sessions.delete', { id })).toMatchObject({ status: 'terminated' });
    await tell('volumes.delete', { ...at, name: 'default' });
    await tell('buckets.delete', { ...at, name: 'default' });
    await tell('workspaces.delete', at);
    await tell('users.delete', { user_id: 'carl' });
    expect([...schemas.keys()].filter((operation) => !done.has(operation))).toEqual([]);
  });
});
