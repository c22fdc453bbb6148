import { PageQuery } from '#contract/entities/common.ts';
import { Webhook, WebhookCreate, WebhookDelivery, WebhookListQuery } from '#contract/entities/webhook.ts';
import { Deleted } from '#contract/entities/workspace.ts';
import { createWebhook } from '#services/webhooks/create.ts';
import { deleteWebhook } from '#services/webhooks/delete.ts';
import { getWebhook } from '#services/webhooks/get.ts';
import { listWebhooks } from '#services/webhooks/list.ts';
import { rotateWebhookSecret } from '#services/webhooks/rotate.ts';
import { testWebhook } from '#services/webhooks/test-delivery.ts';
import { jsonRoute, listRoute, type Route } from '../route.ts';

const webhooksCreate = jsonRoute({
  operation: 'webhooks.create',
  summary: 'Create a webhook',
  description:
    'The server sends each notice of the user to it, signed as Standard Webhooks says. Needs a key that is bound to no workspace and no session. Only this answer has the secret. A user has at most 10.',
  body: WebhookCreate,
  response: Webhook,
  handle: ({ deps, call, body }) => createWebhook(deps, call, body),
});

const webhooksList = listRoute({
  operation: 'webhooks.list',
  summary: 'List webhooks',
  query: WebhookListQuery.extend(PageQuery.shape),
  item: Webhook,
  handle: ({ deps, call, query }) => listWebhooks(deps, call, query),
});

const webhooksGet = jsonRoute({
  operation: 'webhooks.get',
  summary: 'Read a webhook and its last delivery',
  response: Webhook,
  handle: ({ deps, call, params }) => getWebhook(deps, call, params),
});

const webhooksDelete = jsonRoute({
  operation: 'webhooks.delete',
  summary: 'Delete a webhook',
  response: Deleted,
  handle: ({ deps, call, params }) => deleteWebhook(deps, call, params),
});

const webhooksTest = jsonRoute({
  operation: 'webhooks.test',
  summary: 'Send a test message to a webhook',
  description: 'Makes one try and returns its result, after 10 s at the latest. A success resumes a paused webhook.',
  response: WebhookDelivery,
  handle: ({ deps, call, params }) => testWebhook(deps, call, params),
});

const webhooksRotate = jsonRoute({
  operation: 'webhooks.rotate',
  summary: 'Give a webhook a new secret',
  description: 'Only this answer has the new secret. For 24 hours messages are signed with the earlier one as well.',
  response: Webhook,
  handle: ({ deps, call, params }) => rotateWebhookSecret(deps, call, params),
});

export const webhooksRoutes: readonly Route[] = [
  webhooksCreate,
  webhooksList,
  webhooksGet,
  webhooksDelete,
  webhooksTest,
  webhooksRotate,
];
