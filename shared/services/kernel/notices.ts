import { NOTICE, type NoticeKind } from '#contract/entities/event.ts';
import { hashedName } from '#domain/names.ts';
import { type AuditSubject, entryOf } from './audit.ts';
import { systemCall } from './call.ts';
import type { Deps } from './deps.ts';
import type { Draft } from './draft.ts';
import { audit, webhooks } from '../model/collections.ts';

/** More than a user can have, so that one query finds all. */
const MOST_WEBHOOKS = 100;

export interface Notice {
  readonly entry_id: string;
  readonly kind: NoticeKind;
  /** Whose webhooks it goes to. */
  readonly users: readonly string[];
}

/**
 * Writes the audit entry of a notice, in the transaction that finds it due. The first of `users` has it as an own entry.
 * It is the record of no change: the change beside it has an entry of its own, if it needs one.
 */
export const writeNotice = (
  deps: Deps,
  draft: Draft,
  { entry_id, kind, users }: Notice,
  subject: Pick<AuditSubject, 'workspace_owner' | 'workspace_id' | 'session_id' | 'detail'>,
): void => {
  const [user] = users;
  const entry = entryOf(deps, systemCall('notices'), {
    ...subject,
    action: NOTICE,
    id: entry_id,
    ...(user === undefined ? {} : { user }),
    detail: { kind, ...subject.detail },
  });
  draft.create(audit, entry.id, entry);
};

/**
 * Enqueues a delivery to each webhook that takes such notices. May be repeated: the queue takes each name once, and the
 * receiver gets the same `webhook-id`.
 */
export const enqueueDeliveries = async (deps: Deps, { entry_id, kind, users }: Notice): Promise<void> => {
  const found = await Promise.all(
    [...new Set(users)].map((user_id) =>
      deps.store.query(webhooks, {
        where: { user_id },
        order: { field: 'webhook_id', direction: 'asc' },
        limit: MOST_WEBHOOKS,
      }),
    ),
  );
  const takers = found
    .flatMap(({ docs }) => docs)
    .filter(({ data }) => data.paused_at === null && (data.events?.includes(kind) ?? true));
  await Promise.all(
    takers.map(({ id }) =>
      deps.queue.enqueue({
        name: hashedName('dlv', id, entry_id),
        task: 'webhook.deliver',
        payload: { v: 1, webhook_id: id, entry_id },
      }),
    ),
  );
};
