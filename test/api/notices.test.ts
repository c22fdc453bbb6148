import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { sessions } from '#services/model/collections.ts';
import { announceReclaim } from '#services/notices/reclaim.ts';
import { computesOf } from '#wiring/providers.ts';
import { smallCompute, type SmallCloud, takeBack } from '../fixtures/small-compute.ts';
import { openTestHost, silent, type TestHost } from '../support/sandbox/host.ts';
import { type Client, clientOf } from './support/client.ts';
import { eventually } from './support/live.ts';
import { openPlatform, type Platform } from './support/platform.ts';
import { apiOver } from './support/world.ts';

interface Received {
  readonly id: string;
  readonly verified: boolean;
  readonly type: string;
  readonly data: {
    readonly id: string;
    readonly session_id: string;
    readonly detail: Readonly<Record<string, unknown>>;
  };
}

let cloud: SmallCloud;
let host: TestHost;
let platform: Platform;
let receiver: Server;
let call: Client;
let secret = '';
let status = 200;
const received: Received[] = [];

const verified = (headers: Readonly<Record<string, string | string[] | undefined>>, body: string): boolean => {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
};

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      const { type, data } = JSON.parse(body) as Received;
      received.push({
        id: String(request.headers['webhook-id']),
        verified: verified(request.headers, body),
        type,
        data,
      });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', () => resolve()));
  host = await openTestHost({ isolation: 'none' });
  let deps: Deps | null = null;
  cloud = {
    ...{ host: host.host, clock: systemClock, log: silent, bodies: new Map() },
    // As wiring gives it to a driver whose provider announces.
    reclaims: async (reclaim) => {
      if (deps) await announceReclaim(deps, reclaim);
    },
  };
  platform = await openPlatform(
    (made) => {
      deps = { ...made, computes: computesOf([{ compute: smallCompute(cloud), names: ['gke', 'auto'] }]) };
      return deps;
    },
    'working',
    { ONMEMOS_WEBHOOK_ALLOW: '127.0.0.1' },
  );
  const admin = clientOf(apiOver(platform), await bootstrapAdminKey(platform.deps, 'admin', async () => {}));
  const key = (await admin('/v1/keys', { body: { name: 'ann', user_id: 'ann' } })).json as { secret: string };
  call = clientOf(apiOver(platform), key.secret);
});
afterAll(async () => {
  await platform?.close();
  await host?.[Symbol.asyncDispose]();
  receiver?.close();
});

const running = async (): Promise<string> => {
  const { json } = await call('/v1/sessions?wait=60', { body: { provider: 'gke', ttl_minutes: 30 } });
  expect(json).toMatchObject({ status: 'running' });
  return (json as { id: string }).id;
};
const noticesOf = async (id: string) =>
  ((await call(`/v1/sessions/${id}/events`)).json as { id: string; action: string; detail: object }[]).filter(
    ({ action }) => action === 'notice',
  );

it('reach a webhook that the operator’s setting allows, signed, and its owner in the audit', async () => {
  const made = await call('/v1/webhooks', {
    body: { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook` },
  });
  expect(made).toMatchObject({ status: 200, json: { user_id: 'ann', status: 'active', last_delivery: null } });
  const hook = made.json as { webhook_id: string; secret: string };
  ({ secret } = hook);
  const tested = await call(`/v1/webhooks/${hook.webhook_id}/test`, { method: 'POST' });
  expect(tested).toMatchObject({
    status: 200,
    json: { success: true, status: 200, error: null, type: 'webhook.test' },
  });
  expect(received).toMatchObject([{ type: 'webhook.test', verified: true }]);

  // A provider announces, twice, that it takes a machine back.
  const id = await running();
  const doc = await platform.deps.store.get(sessions, id);
  await takeBack(cloud, doc?.data.key ?? '', 30_000);
  await takeBack(cloud, doc?.data.key ?? '', 20_000);
  await eventually('the receiver has it', () => received.length === 2);
  const [notice] = await noticesOf(id);
  expect(notice).toMatchObject({ detail: { kind: 'session.reclaiming', reclaim_at: expect.stringMatching(/Z$/) } });
  expect(received[1]).toMatchObject({
    ...{ id: notice?.id, type: 'session.reclaiming', verified: true },
    data: { id: notice?.id, session_id: id },
  });
  const audited = (await call('/v1/audit?action=notice')).json as { id: string }[];
  expect(audited.map((entry) => entry.id)).toEqual([notice?.id]);
  // It is recorded once the receiver has answered.
  const delivered = async (): Promise<unknown> =>
    ((await call(`/v1/webhooks/${hook.webhook_id}`)).json as { last_delivery: unknown }).last_delivery;
  await eventually('the delivery is recorded', async () => ((await delivered()) as { id?: string })?.id === notice?.id);
  expect(await delivered()).toMatchObject({ id: notice?.id, success: true });

  // An end that is moved to within five minutes, in a life of more than ten.
  if (doc) {
    const now = await platform.deps.store.get(sessions, id);
    const created_at = iso(epochMs(doc.data.created_at) - 10 * 60_000);
    if (now) await platform.deps.store.put(sessions, id, { ...now.data, created_at });
  }
  expect(await call(`/v1/sessions/${id}`, { method: 'PATCH', body: { ttl_minutes: 3 } })).toMatchObject({
    status: 200,
  });
  await eventually('the receiver has it', () => received.length === 3);
  expect(received[2]).toMatchObject({ type: 'session.ending', verified: true, data: { session_id: id } });
  expect((await noticesOf(id)).length).toBe(2);

  await call(`/v1/sessions/${id}`, { method: 'DELETE' });
});

it('reach no webhook elsewhere on the machine’s network, and the answer says why', async () => {
  const refused = await call('/v1/webhooks', { body: { url: 'http://169.254.169.254/latest/meta-data/' } });
  expect(refused).toMatchObject({ status: 422, json: { code: 'invalid', errors: [{ field: 'url' }] } });
  const made = await call('/v1/webhooks', { body: { url: 'https://localhost:1/' } });
  const { webhook_id } = made.json as { webhook_id: string };
  status = 500;
  const tested = await call(`/v1/webhooks/${webhook_id}/test`, { method: 'POST' });
  expect(tested.json).toMatchObject({ success: false, status: null });
  expect((await call(`/v1/webhooks/${webhook_id}`)).json).toMatchObject({ failing_since: expect.any(String) });
});
