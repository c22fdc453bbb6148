import { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { idempotency } from '../model/collections.ts';
import type { IdempotencyDoc } from '../model/docs.ts';
import { actsForAnyone, keyOf } from './access.ts';
import type { Call } from './call.ts';
import type { Deps } from './deps.ts';
import type { Draft } from './draft.ts';
import { sha256 } from './hash.ts';

const KEPT_MS = 24 * 3_600_000;

/**
 * The call as one for a user. An admin key acts for many users by the same path, and two of them may use one
 * Idempotency-Key. @param user null: the call names no user
 */
export const onBehalfOf = (call: Call, user: string | null): Call =>
  call.idempotency === null || user === null || !actsForAnyone(call.actor)
    ? call
    : { ...call, idempotency: { ...call.idempotency, acting: user } };

/** The record's id. The same key of another caller, method or path, or for another user, has another id. */
export const idempotencyId = (call: Call): string | null => {
  const caller = keyOf(call.actor);
  if (!call.idempotency || caller === null) return null;
  const { key, method, path, acting } = call.idempotency;
  return sha256(JSON.stringify([caller.key_id, method, path, key, ...(acting === undefined ? [] : [acting])]));
};

const check = (record: IdempotencyDoc | null, call: Call, now: string): IdempotencyDoc | null => {
  if (!record || record.purge_at <= now) return null;
  if (record.fingerprint !== call.idempotency?.fingerprint) {
    throw new Problem(
      'idempotency_mismatch',
      'This Idempotency-Key was used with another body. Use a new key for a new request.',
    );
  }
  return record;
};

/** What an earlier call with this key created, or null. @throws Problem idempotency_mismatch */
export const replayed = async (deps: Deps, draft: Draft, call: Call): Promise<IdempotencyDoc | null> => {
  const id = idempotencyId(call);
  return id ? check(await draft.get(idempotency, id), call, iso(deps.clock.now())) : null;
};

/** The same outside of a transaction. It is only a hint that can save a transaction, which checks again. */
export const peekReplay = async (deps: Deps, call: Call): Promise<IdempotencyDoc | null> => {
  const id = idempotencyId(call);
  return id ? check((await deps.store.get(idempotency, id))?.data ?? null, call, iso(deps.clock.now())) : null;
};

/** Remembers what this call makes, in the transaction that makes it. */
export const remember = (deps: Deps, draft: Draft, call: Call, kind: IdempotencyDoc['kind'], target: string): void => {
  const id = idempotencyId(call);
  if (!id || !call.idempotency) return;
  draft.put(idempotency, id, {
    fingerprint: call.idempotency.fingerprint,
    kind,
    target,
    purge_at: iso(deps.clock.now() + KEPT_MS),
  });
};
