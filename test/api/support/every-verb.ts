import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from '#services/kernel/deps.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { convergeSession } from '#services/lifecycle/converge.ts';
import { execKey, execs, intentKey, intents } from '#services/model/collections.ts';
import { sweepIntents } from '#services/sweeps/intents.ts';
import { JOBS } from '../../../functions/scheduler/jobs.ts';
import { runTick } from '../../../functions/scheduler/tick.ts';
import { clientOf, type Send } from './client.ts';
import { eventually } from './live.ts';
import type { Platform } from './platform.ts';
import { apiOver } from './world.ts';

/** In every name that a person gives, so that it can be looked for. */
export const MARK = 'quartz';
const USER = `una-${MARK}`;

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

/** The same machine at another time. */
const later = (deps: Deps, ms: number): Deps => ({
  ...deps,
  clock: { ...deps.clock, now: () => deps.clock.now() + ms },
});

/** The same machine, whose provider can't be reached and whose tasks nobody takes. */
const brokenProvider = (deps: Deps): Deps => {
  const { computes } = deps;
  const ensure = (): Promise<never> => Promise.reject(new Error('it does not answer'));
  return {
    ...deps,
    queue: { enqueue: async () => true },
    computes: { ...computes, byDriver: (driver) => ({ ...computes.byDriver(driver), ensure }) },
  };
};

export interface Driven {
  /** Every call of the API that changes something, as `METHOD /path/{name}`. */
  readonly verbs: readonly string[];
  /** Those that were made. */
  readonly called: ReadonlySet<string>;
}

/** Calls every verb and runs every job on a machine of its own. `seen` hears of each when it is over. */
export const driveEveryVerb = async (platform: Platform, seen: (what: string) => Promise<void>): Promise<Driven> => {
  const { deps } = platform;
  const admin = await bootstrapAdminKey(deps, 'admin', async () => {});
  const called = new Set<string>();
  const file = join(import.meta.dirname, '../../../sdk/openapi.json');
  const { paths } = JSON.parse(await readFile(file, 'utf8')) as { paths: Record<string, Record<string, unknown>> };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      name: `${method.toUpperCase()} ${path}`,
      pattern: new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    })),
  );

  const ask = async <T = Record<string, string>>(
    line: string,
    body?: unknown,
    send: Send & { at?: number } = {},
  ): Promise<T> => {
    const [method = '', path = ''] = line.split(' ');
    const route = routes.find(({ pattern }) => pattern.test(`${method} ${path.replace(/\?.*/, '')}`));
    if (!route) throw new Error(`there is no ${line}`);
    called.add(route.name);
    const call = clientOf(apiOver(platform, { deps: later(deps, send.at ?? 0) }), send.key ?? admin);
    const answer = await call(path, { method, ...(body === undefined ? {} : { body }), ...send });
    if (answer.status !== 200) throw new Error(`${line}: ${answer.status} ${answer.text}`);
    // The queue works off what the call has left to it.
    await eventually(
      'nothing is under way',
      async () => (await deps.store.query(intents, { limit: 1 })).docs.length === 0,
    );
    await seen(line);
    return answer.json as T;
  };
  const jobs = async (ms: number): Promise<void> => {
    for (const job of JOBS) {
      await job.run(later(deps, ms));
      await seen(`job ${job.name}`);
    }
    await runTick(later(deps, ms), []);
    await seen('a tick');
  };

  // Users, workspaces, members, keys.
  await ask(`PUT /v1/users/${USER}`, { user_type: 'enterprise' });
  for (const workspace_id of ['ws', 'again', 'gone', 'kept'].map((name) => `${name}-${MARK}`))
    await ask('POST /v1/workspaces', {
      user_id: USER,
      workspace_id,
      name: workspace_id,
      resource_package: 'dev_micro',
    });
  const at = `/v1/workspaces/${USER}`;
  await ask(`PUT ${at}/ws-${MARK}/members/max-${MARK}`, { role: 'viewer' });
  await ask(`PUT ${at}/ws-${MARK}/members/max-${MARK}`, { role: 'editor' });
  const key = await ask('POST /v1/keys', { name: 'k', user_id: USER }, { headers: { 'Idempotency-Key': 'k' } });
  await ask('GET /v1/sessions', undefined, { key: key['secret'] ?? '' });
  await ask('GET /v1/sessions', undefined, { key: key['secret'] ?? '', at: 5 * MINUTE_MS });

  const hook = (await ask('POST /v1/webhooks', { user_id: USER, url: 'https://hooks.invalid/' }))['webhook_id'] ?? '';
  await ask(`POST /v1/webhooks/${hook}/test`);
  await ask(`POST /v1/webhooks/${hook}/rotate-secret`);

  // Sessions, storage, commands, tickets.
  const session = async (workspace_id: string, size: number) => {
    const storage = { request_persistent_storage: true, persistent_storage_size_gb: size, request_bucket: true };
    const body = {
      user: USER,
      namespace: `n-${MARK}`,
      workspace_id,
      ...storage,
      bucket_size_gb: size,
      env: { A: '1' },
    };
    const made = await ask('POST /v1/sessions?wait=60', body, {
      headers: { 'Idempotency-Key': `${workspace_id} ${size}` },
    });
    return made['id'] ?? '';
  };
  const id = await session(`ws-${MARK}`, 1);
  const larger = await session(`ws-${MARK}`, 2);
  await ask('POST /v1/sessions/estimate', { user: USER, namespace: `n-${MARK}`, workspace_id: `ws-${MARK}` });
  await ask(`PATCH /v1/sessions/${id}`, { labels: { a: 'b' } });
  await ask(`PATCH /v1/sessions/${id}`, { ttl_minutes: 90 });
  await ask(`POST /v1/sessions/${id}/ticket`);
  await ask(`POST /v1/sessions/${id}/execute`, { command: 'true' }, { headers: { 'Idempotency-Key': 'e' } });
  const exec = async (): Promise<string> =>
    (await ask(`POST /v1/sessions/${id}/execs`, { command: 'cat', stdin: true }))['exec_id'] ?? '';
  const killed = await exec();
  await ask(`POST /v1/sessions/${id}/execs/${killed}/stdin`, { offset: 0, data: 'x' });
  await ask(`POST /v1/sessions/${id}/execs/${killed}/signal`, { signal: 'TERM' });
  await eventually('it has ended', async () => {
    await ask(`GET /v1/sessions/${id}/execs/${killed}`);
    return (await deps.store.get(execs, execKey(id, killed)))?.data.status === 'killed';
  });
  await ask(`DELETE /v1/sessions/${id}/execs/${await exec()}`);
  // Left for the end of its session.
  await exec();

  // Money: a budget for what lives, the meter, a month that begins.
  await ask(`PUT /v1/users/${USER}`, { monthly_budget_usd: 100 });
  await jobs(2 * MINUTE_MS);
  await jobs(4 * MINUTE_MS);

  // Ends.
  await ask(`POST /v1/sessions/${larger}/terminate`);
  await ask(`POST /v1/sessions/${await session(`gone-${MARK}`, 1)}/force-delete`);
  await ask('POST /v1/sessions/cleanup-expired', undefined, { at: 100 * MINUTE_MS });
  await ask(`DELETE /v1/sessions/${await session(`kept-${MARK}`, 1)}`);
  await jobs(2 * DAY_MS);
  await ask(`DELETE ${at}/gone-${MARK}`);
  await ask('POST /v1/workspaces', {
    user_id: USER,
    workspace_id: `gone-${MARK}`,
    name: 'back',
    resource_package: 'dev_micro',
  });
  await ask(`DELETE ${at}/gone-${MARK}?force=true`);
  await ask(`DELETE ${at}/again-${MARK}`);
  await ask('POST /v1/workspaces', {
    user_id: USER,
    workspace_id: `again-${MARK}`,
    name: 'new',
    resource_package: 'dev_micro',
  });
  await ask(`DELETE ${at}/kept-${MARK}`);
  await jobs(31 * DAY_MS);
  await ask(`DELETE ${at}/ws-${MARK}/volumes/default`);
  await ask(`DELETE ${at}/ws-${MARK}/buckets/default`);
  await ask(`DELETE /v1/webhooks/${hook}`);
  await ask(`DELETE /v1/keys/${key['key_id']}`);
  await ask(`DELETE ${at}/ws-${MARK}/members/max-${MARK}`);
  await ask('POST /v1/keys', { name: 'k', user_id: `max-${MARK}` });
  await ask(`DELETE /v1/users/max-${MARK}`);

  // What is to be done and can't be, until the session is no longer wanted.
  const broken = brokenProvider(deps);
  const stuck = clientOf(apiOver(platform, { deps: broken }), admin);
  const made = (await stuck('/v1/sessions', { body: { user: USER, namespace: `n-${MARK}` } })).json as { id: string };
  const intent = intentKey(made.id, 1);
  await seen('a create that nobody takes up');
  await convergeSession(broken, { intent_id: intent, attempt: 1 });
  await seen('a step that fails');
  await sweepIntents(broken, true);
  await seen('the sweep');
  const open = await deps.store.get(intents, intent);
  if (open?.data.attempt !== 3) throw new Error('the step and the sweep were to try it again');
  await ask(`DELETE /v1/sessions/${made.id}`);

  return { called, verbs: routes.map(({ name }) => name).filter((name) => !name.startsWith('GET ')) };
};
