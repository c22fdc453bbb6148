import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { Problem } from '#contract/errors.ts';
import { createIds } from '#platform/ids.ts';
import type { OutboundMessage, OutboundResult } from '#ports/outbound.ts';
import type { SealContext } from '#ports/secrets.ts';
import { type Call, type KeyActor, systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { writeNotice } from '../kernel/notices.ts';
import { transact } from '../kernel/draft.ts';
import { audit, keys, webhooks } from '../model/collections.ts';
import { putUser } from '../users/put.ts';
import { deleteUser } from '../users/delete.ts';
import { createWebhook } from './create.ts';
import { deleteWebhook } from './delete.ts';
import { deliverWebhook } from './deliver.ts';
import { getWebhook } from './get.ts';
import { listWebhooks } from './list.ts';
import { rotateWebhookSecret } from './rotate.ts';
import { testWebhook } from './test-delivery.ts';

const START = Date.parse('2026-03-16T10:00:00.000Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OK: OutboundResult = { status: 200, error: null };
const DOWN: OutboundResult = { status: 503, error: 'status' };
const admin = systemCall('test');
const input = { url: 'https://example.com/hooks?token=hunter2', user_id: 'ann' };

const as = (user_id: string | null, bound: Partial<Pick<KeyActor, 'workspace' | 'session_id'>> = {}): Call => ({
  ...admin,
  actor: { kind: 'key', key_id: 'key-1', user_id, scopes: ['keys'], workspace: null, session_id: null, ...bound },
});

const opened = async () => {
  const world = openIdeal(START);
  const sent: OutboundMessage[] = [];
  const sealed: SealContext[] = [];
  let answer: OutboundResult | null = OK;
  const deps: Deps = {
    ...world.deps,
    ids: createIds(world.now),
    secrets: {
      seal: async (bytes, context) => {
        sealed.push(context);
        return Buffer.from(bytes).toString('base64');
      },
      open: async (text) => Buffer.from(text, 'base64'),
    },
    outbound: {
      refusal: (url) => (url.startsWith('https://') ? null : 'begins with https://'),
      post: async (message) => {
        sent.push(message);
        return answer;
      },
    },
  };
  const notice = (entry_id: string) =>
    transact(deps.store, async (draft) =>
      writeNotice(deps, draft, { entry_id, kind: 'budget.threshold', users: ['ann'] }, { detail: { percent: 50 } }),
    );
  const answers = (next: OutboundResult | null): void => {
    answer = next;
  };
  const hook = async (id: string) => (await deps.store.get(webhooks, id))?.data;
  const actions = () => world.documents.all(audit).map(({ action, actor_user }) => `${action} ${actor_user}`);
  return { world, deps, sent, sealed, notice, answers, hook, actions };
};

/** As a receiver checks it: any of the signatures of the header. */
const verifies = ({ headers, body }: OutboundMessage, secret: string): boolean => {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const own = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return headers['webhook-signature']?.split(' ').includes(own) ?? false;
};

const code = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run;
    return 'none';
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
};

it('shows its secret once, and keeps it sealed', async () => {
  const { deps, sealed, hook } = await opened();
  const made = await createWebhook(deps, admin, input);
  expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(sealed).toEqual([{ tenant: 'ann', session: `webhook/${made.webhook_id}` }]);
  const { secret: _, ...shown } = made;
  expect(await getWebhook(deps, admin, made)).toEqual(shown);
  expect(JSON.stringify(await hook(made.webhook_id))).not.toContain(made.secret);
});

it('writes into the audit the host of its address alone', async () => {
  const { world, deps } = await opened();
  await createWebhook(deps, admin, input);
  const entries = JSON.stringify(world.documents.all(audit));
  expect(entries).toContain('example.com');
  expect(entries).not.toContain('hunter2');
});

it('is signed so that the secret verifies it, and nothing else does', async () => {
  const { deps, sent, notice } = await opened();
  const { webhook_id, secret = '' } = await createWebhook(deps, admin, input);
  await notice('evt-1');
  await deliverWebhook(deps, { v: 1, webhook_id, entry_id: 'evt-1' });
  const [message] = sent;
  if (!message) throw new Error('nothing was sent');
  expect(message.headers).toMatchObject({ 'webhook-id': 'evt-1', 'webhook-timestamp': String(START / 1000) });
  expect(verifies(message, secret)).toBe(true);
  expect(verifies({ ...message, body: `${message.body} ` }, secret)).toBe(false);
  expect(verifies(message, `whsec_${Buffer.alloc(32).toString('base64url')}x`)).toBe(false);
});

it('signs with a replaced secret for a day, also where the answer of the change was lost', async () => {
  const { world, deps, sent, notice } = await opened();
  const { webhook_id, secret: first = '' } = await createWebhook(deps, admin, input);
  const secrets = [first];
  let bytes = 1;
  const other = { ...deps, ids: { ...deps.ids, random: (count: number) => new Uint8Array(count).fill(bytes++) } };
  for (let i = 0; i < 5; i++) secrets.push((await rotateWebhookSecret(other, admin, { webhook_id })).secret ?? '');
  await notice('evt-1');
  const verified = async () => {
    await deliverWebhook(deps, { v: 1, webhook_id, entry_id: 'evt-1' });
    const message = sent.at(-1);
    return secrets.map((secret) => message !== undefined && verifies(message, secret));
  };
  expect(await verified()).toEqual([true, true, true, false, false, true]);
  world.pass(DAY_MS);
  expect(await verified()).toEqual([false, false, false, false, false, true]);
});

it('shows the last try, and is tried again where it failed', async () => {
  const { deps, notice, answers, hook } = await opened();
  const { webhook_id } = await createWebhook(deps, admin, input);
  await notice('evt-1');
  answers(DOWN);
  const task = { v: 1, webhook_id, entry_id: 'evt-1' } as const;
  await expect(deliverWebhook(deps, task)).rejects.toThrow(/^the receiver did not take it: status 503$/);
  expect((await getWebhook(deps, admin, { webhook_id })).last_delivery).toMatchObject({
    ...{ id: 'evt-1', type: 'budget.threshold', success: false, status: 503, error: 'status' },
  });
  answers(null);
  await expect(deliverWebhook(deps, task)).rejects.toThrow(/too many/);
  expect((await hook(webhook_id))?.last_delivery?.status).toBe(503);
  answers(OK);
  await deliverWebhook(deps, task);
  expect(await hook(webhook_id)).toMatchObject({ failing_since: null, last_delivery: { success: true, status: 200 } });
});

it('is paused after days of failure, says so once, and is resumed by a test', async () => {
  const { world, deps, sent, notice, answers, hook, actions } = await opened();
  const { webhook_id } = await createWebhook(deps, admin, input);
  await notice('evt-1');
  answers(DOWN);
  const task = { v: 1, webhook_id, entry_id: 'evt-1' } as const;
  await expect(deliverWebhook(deps, task)).rejects.toThrow();
  world.pass(3 * DAY_MS - 1);
  await expect(deliverWebhook(deps, task)).rejects.toThrow();
  expect((await hook(webhook_id))?.paused_at).toBeNull();
  world.pass(1);
  // Paused: no try follows.
  await deliverWebhook(deps, task);
  const tries = sent.length;
  await deliverWebhook(deps, task);
  expect(sent.length).toBe(tries);
  expect(actions().filter((action) => action === 'webhook.paused ann')).toHaveLength(1);
  expect(await getWebhook(deps, admin, { webhook_id })).toMatchObject({
    status: 'paused',
    failing_since: '2026-03-16T10:00:00.000Z',
  });

  expect(await testWebhook(deps, admin, { webhook_id })).toMatchObject({ success: false, type: 'webhook.test' });
  expect((await hook(webhook_id))?.paused_at).not.toBeNull();
  answers(OK);
  expect(await testWebhook(deps, admin, { webhook_id })).toMatchObject({ success: true, status: 200, error: null });
  expect(await hook(webhook_id)).toMatchObject({ paused_at: null, failing_since: null });
});

it('is for keys that see all of a user', async () => {
  const { deps } = await opened();
  await deps.store.put(keys, 'key-1', { revoked_at: null } as never);
  const { webhook_id } = await createWebhook(deps, as('ann'), { url: 'https://example.com/' });
  const workspace = { workspace: { owner: 'ann', workspace_id: 'ws' } };
  const verbs = (call: Call) => [
    createWebhook(deps, call, { url: 'https://example.com/' }),
    getWebhook(deps, call, { webhook_id }),
    testWebhook(deps, call, { webhook_id }),
    rotateWebhookSecret(deps, call, { webhook_id }),
    deleteWebhook(deps, call, { webhook_id }),
  ];
  for (const bound of [workspace, { session_id: 'ses-1' }]) {
    const refused = await Promise.all(verbs(as('ann', bound)).map(code));
    expect(new Set(refused)).toEqual(new Set(['forbidden']));
    expect(await code(Promise.resolve().then(() => listWebhooks(deps, as('ann', bound), {})))).toBe('forbidden');
  }
  const others = await Promise.all(verbs(as('bob')).map(code));
  expect(others).toEqual(['none', ...Array.from({ length: 4 }, () => 'not_found')]);
  expect((await listWebhooks(deps, as('bob'), {})).items.length).toBe(1);
  expect(await code(createWebhook(deps, as('bob'), input))).toBe('forbidden');
  expect(await code(createWebhook(deps, as(null), { url: 'https://example.com/' }))).toBe('invalid');
  expect((await listWebhooks(deps, as(null), { user: 'ann' })).items.map((hook) => hook.webhook_id)).toEqual([
    webhook_id,
  ]);
  expect(await code(createWebhook(deps, as('ann'), { url: 'http://example.com/' }))).toBe('invalid');
});

it('is one of ten of a user at most, however many are made at once', async () => {
  const { deps } = await opened();
  for (let i = 0; i < 9; i++) expect(await code(createWebhook(deps, admin, input))).toBe('none');
  const last = await Promise.all(Array.from({ length: 3 }, () => code(createWebhook(deps, admin, input))));
  expect(last.toSorted()).toEqual(['none', 'quota_exceeded', 'quota_exceeded']);
  expect(await code(createWebhook(deps, admin, { ...input, user_id: 'bob' }))).toBe('none');
});

it('goes with its user, and what waits for one that is gone is dropped', async () => {
  const { deps, sent, notice, hook } = await opened();
  await putUser(deps, admin, { user_id: 'ann' });
  const first = await createWebhook(deps, admin, input);
  await notice('evt-1');
  await deleteWebhook(deps, admin, first);
  await deliverWebhook(deps, { v: 1, webhook_id: first.webhook_id, entry_id: 'evt-1' });
  expect(sent).toEqual([]);
  const second = await createWebhook(deps, admin, input);
  await deleteUser(deps, admin, { user_id: 'ann' });
  expect(await hook(second.webhook_id)).toBeUndefined();
});
