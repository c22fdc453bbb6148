import { Problem } from '#contract/errors.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { VersionMismatch } from '#ports/store.ts';
import type { KeyActor } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { sameDigest } from '../kernel/hash.ts';
import { keys } from '../model/collections.ts';
import type { KeyDoc } from '../model/docs.ts';
import { parseKey } from './secret.ts';

/** Precision of `last_used_at`, so that a busy key does not cause many writes. */
const LAST_USED_STEP_MS = 60_000;

const refused = (why: string): Problem =>
  new Problem('unauthenticated', `${why} Send a valid key as X-API-Key or as Authorization: Bearer.`);

const holds = (key: KeyDoc, now: string): boolean =>
  key.revoked_at === null && (key.expires_at === null || key.expires_at > now);

const actorOf = (key: KeyDoc): KeyActor => ({
  kind: 'key',
  key_id: key.key_id,
  user_id: key.user_id,
  scopes: key.scopes,
  workspace:
    key.workspace_id !== null && key.workspace_owner !== null
      ? { owner: key.workspace_owner, workspace_id: key.workspace_id }
      : null,
  session_id: key.session_id,
});

const noteUse = async (deps: Deps, id: string, version: string, key: KeyDoc): Promise<void> => {
  try {
    await deps.store.put(keys, id, { ...key, last_used_at: iso(deps.clock.now()) }, version);
  } catch (error) {
    // Another call has changed the key in the meantime; its change is kept.
    if (!(error instanceof VersionMismatch)) throw error;
  }
};

/**
 * The owner of this key. It is read from the store each time, so that a revocation takes effect at the next request.
 */
export const authenticate = async (deps: Deps, presented: string): Promise<KeyActor> => {
  const parsed = parseKey(presented);
  if (!parsed) throw refused('This is not a key.');
  const doc = await deps.store.get(keys, parsed.key_id);
  if (!doc || !sameDigest(doc.data.secret_sha256, parsed.secret_sha256)) throw refused('This key is not known.');
  const now = deps.clock.now();
  if (doc.data.revoked_at !== null) throw refused('This key was revoked.');
  if (!holds(doc.data, iso(now))) throw refused('This key has expired.');
  if (doc.data.last_used_at === null || epochMs(doc.data.last_used_at) + LAST_USED_STEP_MS < now) {
    deps.background.run('note when a key was used', () => noteUse(deps, doc.id, doc.version, doc.data), {
      key_id: doc.id,
    });
  }
  return actorOf(doc.data);
};

/** Whether an open stream may continue. */
export const stillValid = async (deps: Deps, actor: KeyActor): Promise<boolean> => {
  const doc = await deps.store.get(keys, actor.key_id);
  return doc !== null && holds(doc.data, iso(deps.clock.now()));
};
