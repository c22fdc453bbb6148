import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Api, apiOf, type Json, ok } from '../acceptance/support/api.ts';
import { cleanEnv, keeperPids } from '../acceptance/support/server.ts';
import { until } from '../acceptance/support/until.ts';
import { nodeAt } from '../support/set-clock/clock.ts';

/** A POST that can be repeated: it is to meet what it made. */
interface Repeatable {
  readonly user: string;
  readonly path: string;
  readonly body: Json;
  readonly key: string;
  /** The field of the answer that names what was made, and its value. */
  readonly field: string;
  readonly made: string;
}

export interface LiveWorld {
  /** A copy of the data folder as it was when server and keeper were killed. */
  readonly kept: string;
  readonly killed_at: number;
  readonly keys: Readonly<Record<string, string>>;
  readonly repeatable: readonly Repeatable[];
}

interface Options {
  readonly checkout: string;
  readonly ground: string;
  readonly dataDir: string;
  readonly start: number;
}

interface Server {
  readonly child: ChildProcess;
  readonly api: Api;
}

const serve = async ({ checkout, dataDir }: Options, node: string): Promise<Server> => {
  const env = {
    ...cleanEnv(),
    ONMEMOS_PORT: '0',
    ONMEMOS_DATA_DIR: dataDir,
    ONMEMOS_LOG_LEVEL: 'warn',
    ONMEMOS_SHADOW_PROVIDER: 'gke',
    ONMEMOS_METER_PERIOD_SECONDS: '1',
  };
  const program = join(checkout, 'functions', 'standalone', 'start.mjs');
  const child = spawn(node, [program, '--no-check'], { cwd: checkout, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (text: Buffer) => {
    printed += text.toString();
  });
  const url = await until('the server serves', async () => /serves at (http:\/\/\S+)/.exec(printed)?.[1]);
  const key = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
  return { child, api: apiOf(url, key) };
};

const kill = async (pids: readonly number[], signal: NodeJS.Signals): Promise<void> => {
  for (const pid of pids) process.kill(pid, signal);
};

/**
 * Goes on with the real server of the checkout, and kills it and its keeper while much is under way: sessions that run,
 * and one each that is being made, is being ended and is getting another end.
 */
export const liveWorld = async (options: Options): Promise<LiveWorld> => {
  const { dataDir, ground, start } = options;
  const node = await nodeAt(ground, start);
  const began = Date.now();
  const { child, api } = await serve(options, node);
  const monthKeys = join(dataDir, 'month-keys.json');
  const keys = JSON.parse(await readFile(monthKeys, 'utf8')) as Record<string, string>;
  await rm(monthKeys);
  const as = (user: string): Api => api.as(keys[user] ?? null);
  const repeatable: Repeatable[] = [];
  const post = async <T extends Json>(user: string, path: string, body: Json, field: string): Promise<T> => {
    const key = `live-${repeatable.length}`;
    const made = ok(await as(user).post<T>(path, body, { 'Idempotency-Key': key }));
    repeatable.push({ user, path, body, key, field, made: String(made[field]) });
    return made;
  };
  const session = async (user: string, body: Json): Promise<string> => {
    const more = { user, namespace: 'work', ttl_minutes: 600, ...body };
    const { id, status } = await post<{ id: string; status: string }>(user, '/v1/sessions?wait=60', more, 'id');
    if (status !== 'running') throw new Error(`session ${id} of ${user} is ${status}`);
    return id;
  };
  const lab = { workspace_owner: 'ann', workspace_id: 'lab' };

  ok(await api.put('/v1/users/bob', { monthly_budget_usd: 0.9 }));
  const annKey = await post<{ secret: string }>('ann', '/v1/keys', { name: 'lab only', ...lab }, 'key_id');
  const viewer = ok(
    await api.post<{ secret: string }>('/v1/keys', { name: 'reads', user_id: 'cyn', scopes: ['sessions:read'] }),
  );
  const revoked = ok(
    await api.post<{ key_id: string; secret: string }>('/v1/keys', { name: 'was lost', user_id: 'dee' }),
  );
  ok(await api.del(`/v1/keys/${revoked.key_id}`));
  Object.assign(keys, { 'ann, lab only': annKey.secret, 'cyn, reads': viewer.secret, 'dee, revoked': revoked.secret });

  const old = { workspace_id: 'old', name: 'Thrown away', resource_package: 'dev_micro' };
  await post('ann', '/v1/workspaces', { user_id: 'ann', ...old }, 'workspace_id');
  const storage = { request_persistent_storage: true, request_bucket: true };
  const first = await session('ann', {
    workspace_id: 'old',
    ...storage,
    persistent_storage_size_gb: 2,
    bucket_size_gb: 1,
  });
  ok(await as('ann').post(`/v1/sessions/${first}/execute`, { command: 'echo kept for a week > /workspace/note' }));
  ok(await as('ann').del(`/v1/sessions/${first}`));
  ok(await as('ann').del('/v1/workspaces/ann/old'));

  const ended = await session('dee', lab);
  await post('dee', `/v1/sessions/${ended}/execute`, { command: 'echo done; exit 3' }, 'exec_id');
  ok(await as('dee').del(`/v1/sessions/${ended}`));

  const env = { GREETING: 'hello', NOT_A_SECRET: 'of a test' };
  const busy = await session('ann', { ...lab, ...storage, bucket_size_gb: 5, env, labels: { stage: 'live' } });
  ok(
    await as('ann').post(`/v1/sessions/${busy}/execute`, {
      command: 'echo $GREETING > note; echo of a bucket > /buckets/default/note',
    }),
  );
  ok(await as('ann').post(`/v1/sessions/${busy}/execs`, { command: 'sleep 3000', env: { ONE: '1' } }));
  ok(await as('ann').post(`/v1/sessions/${busy}/ticket`));
  const bound = ok(await as('ann').post<{ secret: string }>('/v1/keys', { name: 'one session', session_id: busy }));
  keys['ann, one session'] = bound.secret;
  await session('dee', lab);
  await session('bob', { workspace_id: 'attic', request_bucket: true });
  const leaving = await session('fay', { resource_package: 'dev_medium' });
  const moved = await session('ann', { workspace_id: 'den', request_persistent_storage: true, ttl_minutes: 30 });
  await until('all of them are billed', async () => {
    const all = ok(await api.get<{ id: string; status: string }[]>('/v1/sessions'));
    const live = all.filter(({ status }) => status === 'running');
    const costs = await Promise.all(live.map(({ id }) => api.get<{ billed: number }>(`/v1/sessions/${id}/cost`)));
    return costs.every((answer) => ok(answer).billed > 0);
  });

  // From here on the keeper answers nothing, so that what is asked of it stays under way.
  const keeper = await keeperPids(dataDir);
  await kill(keeper, 'SIGSTOP');
  await post('cyn', '/v1/sessions?wait=0', { user: 'cyn', namespace: 'work' }, 'id');
  ok(await as('fay').del(`/v1/sessions/${leaving}?wait=0`));
  const late = await as('ann').patch(`/v1/sessions/${moved}`, { ttl_minutes: 900 });
  if (late.status !== 503) throw new Error(`the keeper stands still, and a new end was answered by ${late.status}`);
  const ends = once(child, 'exit');
  await kill([child.pid ?? 0, ...keeper], 'SIGKILL');
  await ends;
  const killed_at = start + Date.now() - began;
  const kept = join(ground, 'kept');
  await cp(dataDir, kept, { recursive: true, filter: (path) => !/\/sandboxes(\/|$)|\.(sock|socket)$/.test(path) });
  await tidy(options, node);
  return { kept, killed_at, keys, repeatable };
};

/** The next server of the folder ends what the killed keeper has left on this machine. */
const tidy = async (options: Options, node: string): Promise<void> => {
  const { child, api } = await serve(options, node);
  const { items } = ok(await api.get<{ items: { id: string; ended_at: string | null }[] }>('/v1/sessions?limit=1000'));
  for (const { id, ended_at } of items) if (ended_at === null) ok(await api.post(`/v1/sessions/${id}/force-delete`));
  child.kill('SIGTERM');
  await once(child, 'exit');
  await kill(await keeperPids(options.dataDir), 'SIGTERM');
  await until('the keeper ends', async () => (await keeperPids(options.dataDir)).length === 0);
};
