import { Registry } from 'prom-client';
import { SCOPES, type Scope } from '#contract/scopes.ts';
import { createLogger } from '#platform/logger.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { keys } from '#services/model/collections.ts';
import { type Api, createApp } from '../../../functions/api/app.ts';
import { type ApiDeps, DEFAULT_API_SETTINGS } from '../../../functions/api/deps.ts';
import { createMetrics } from '../../../functions/api/metrics.ts';
import { type Client, clientOf } from './client.ts';
import { openPlatform, type Platform } from './platform.ts';

/** Alice owns a workspace with a running session; Vera may look at it, Edi may use it, Bob has nothing to do with it. */
export interface World {
  readonly platform: Platform;
  readonly api: Api;
  readonly call: Client;
  readonly keys: Readonly<Record<'admin' | 'alice' | 'bob' | 'vera' | 'edi' | 'expired' | 'revoked', string>>;
  /** A key of Alice's with every scope of a user but this one. */
  readonly without: Readonly<Partial<Record<Scope, string>>>;
  readonly session: string;
  /** A command that has ended. */
  readonly exec: string;
  readonly aliceKeyId: string;
  /** A webhook of Alice’s, whose address leads nowhere. */
  readonly webhook: string;
  close(): Promise<void>;
}

/** The app over a platform, with whatever a test wants otherwise. */
export const apiOver = (platform: Platform, given: Partial<ApiDeps> = {}): Api =>
  createApp({ ...apiDepsOver(platform), ...given });

export const apiDepsOver = (platform: Platform): ApiDeps => ({
  deps: platform.deps,
  log: createLogger({ level: 'silent' }),
  clock: platform.deps.clock,
  settings: { ...DEFAULT_API_SETTINGS, version: '0.0.0-test' },
  ready: async () => ({ store: 'ok', keeper: 'ok' }),
  metrics: createMetrics(new Registry()),
});

interface MadeKey {
  readonly key_id: string;
  readonly secret: string;
}

export const openWorld = async (): Promise<World> => {
  const platform = await openPlatform();
  const { deps } = platform;
  const admin = await bootstrapAdminKey(deps, 'admin', async () => {});
  const api = apiOver(platform);
  const call = clientOf(api, admin);
  const must = async <T>(path: string, send: Parameters<Client>[1] = {}): Promise<T> => {
    const answer = await call(path, send);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.json as T;
  };
  const makeKey = (user_id: string, scopes?: readonly Scope[]): Promise<MadeKey> =>
    must('/v1/keys', { body: { name: `${user_id}’s`, user_id, ...(scopes ? { scopes } : {}) } });

  const userScopes = SCOPES.filter((scope) => scope !== 'admin');
  const alice = await makeKey('alice');
  const [bob, vera, edi] = [await makeKey('bob'), await makeKey('vera'), await makeKey('edi')];
  const [expired, revoked] = [await makeKey('alice'), await makeKey('alice')];
  const doc = await deps.store.get(keys, expired.key_id);
  if (!doc) throw new Error('the key that was made is not there');
  await deps.store.put(keys, expired.key_id, { ...doc.data, expires_at: '2020-01-01T00:00:00.000Z' });
  await must(`/v1/keys/${revoked.key_id}`, { method: 'DELETE' });
  const without: Partial<Record<Scope, string>> = {};
  for (const scope of userScopes)
    without[scope] = (
      await makeKey(
        'alice',
        userScopes.filter((other) => other !== scope),
      )
    ).secret;

  await must('/v1/workspaces', {
    body: { user_id: 'alice', workspace_id: 'ws', name: 'Alice’s', resource_package: 'dev_micro' },
  });
  await must('/v1/workspaces/alice/ws/members/vera', { method: 'PUT', body: { role: 'viewer' } });
  await must('/v1/workspaces/alice/ws/members/edi', { method: 'PUT', body: { role: 'editor' } });
  const session = await must<{ id: string; status: string }>('/v1/sessions?wait=60', {
    body: {
      user: 'alice',
      namespace: 'tests',
      workspace_id: 'ws',
      request_persistent_storage: true,
      persistent_storage_size_gb: 1,
      request_bucket: true,
      bucket_size_gb: 1,
    },
  });
  if (session.status !== 'running') throw new Error(`the session is ${session.status}: ${JSON.stringify(session)}`);
  const { exec_id } = await must<{ exec_id: string }>(`/v1/sessions/${session.id}/execute`, {
    body: { command: 'echo hello' },
  });

  const { webhook_id } = await must<{ webhook_id: string }>('/v1/webhooks', {
    body: { user_id: 'alice', url: 'https://hooks.invalid/' },
  });

  return {
    platform,
    api,
    call,
    keys: {
      admin,
      alice: alice.secret,
      bob: bob.secret,
      vera: vera.secret,
      edi: edi.secret,
      expired: expired.secret,
      revoked: revoked.secret,
    },
    without,
    session: session.id,
    exec: exec_id,
    aliceKeyId: alice.key_id,
    webhook: webhook_id,
    close: () => platform.close(),
  };
};
