import { Problem } from '#contract/errors.ts';
import { SCOPES } from '#contract/scopes.ts';
import { iso } from '#ports/clock.ts';
import type { Reader } from '#ports/store.ts';
import { writeAudit } from '../kernel/audit.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Draft, transact } from '../kernel/draft.ts';
import { audit, keys } from '../model/collections.ts';
import type { KeyDoc } from '../model/docs.ts';
import { type NewSecret, newSecret, parseKey } from './secret.ts';

type BootstrapDeps = Pick<Deps, 'store' | 'clock' | 'ids'>;

const BOOTSTRAP = 'keys.bootstrap';
/** Keys that were made so are few: each but the last is revoked. */
const MOST_FOUND = 200;

const adminKey = (deps: BootstrapDeps, { key_id, secret_sha256 }: NewSecret, name: string): KeyDoc => ({
  ...{ key_id, name, user_id: null, scopes: SCOPES, workspace_id: null, workspace_owner: null, session_id: null },
  ...{ secret_sha256, created_at: iso(deps.clock.now()), created_by: null },
  ...{ expires_at: null, last_used_at: null, revoked_at: null },
});

const createAdminKey = (deps: BootstrapDeps, draft: Draft, secret: NewSecret, name: string): void => {
  draft.create(keys, secret.key_id, adminKey(deps, secret, name));
  writeAudit(deps, draft, systemCall('bootstrap'), { action: BOOTSTRAP, target: secret.key_id });
};

/**
 * Makes an admin key and returns it as its holder presents it: the only time that it is seen. It is kept before it is
 * known: a crash between the two leaves a key that is not valid, not a valid key that is lost.
 */
export const bootstrapAdminKey = async (
  deps: BootstrapDeps,
  name: string,
  keep: (presented: string) => Promise<void>,
): Promise<string> => {
  const secret = newSecret(deps.ids);
  await keep(secret.presented);
  await transact(deps.store, async (draft) => createAdminKey(deps, draft, secret, name));
  return secret.presented;
};

/** The keys that were made so and are still valid, the youngest first. */
const livingBootstrapKeys = async (
  reader: Pick<Reader, 'query'>,
  get: (key_id: string) => Promise<KeyDoc | null>,
): Promise<readonly KeyDoc[]> => {
  const made = await reader.query(audit, {
    where: { action: BOOTSTRAP },
    order: { field: 'id', direction: 'desc' },
    limit: MOST_FOUND,
  });
  const found = await Promise.all(made.docs.map(({ data }) => (data.target === null ? null : get(data.target))));
  return found.filter((key) => key !== null && key.revoked_at === null) as readonly KeyDoc[];
};

const exists = ({ key_id, created_at }: KeyDoc, secret: string): Problem =>
  new Problem(
    'conflict',
    `The admin key ${key_id} exists since ${created_at}. Its secret ${secret}. If it is lost, --rotate makes a new one and revokes this one.`,
  );

export interface Bootstrapped {
  readonly key_id: string;
  /** The whole key as its holder presents it: the only time that it is seen. */
  readonly presented: string;
  /** The ids of the keys that it replaces. They are revoked. */
  readonly replaced: readonly string[];
}

interface BootstrapOrder {
  readonly name: string;
  /** Whether it replaces the one before, which is revoked in the same transaction. */
  readonly rotate: boolean;
  /** Where the secret of an earlier one is, as the end of a sentence. */
  readonly secret: string;
  /** Is called before the key is valid, as in `bootstrapAdminKey`. */
  readonly keep?: (presented: string) => Promise<void>;
}

/** Makes the admin key of a deployment, once. @throws Problem conflict where there is one, unless it is replaced */
export const bootstrapOnce = async (
  deps: BootstrapDeps,
  { name, rotate, secret: place, keep }: BootstrapOrder,
): Promise<Bootstrapped> => {
  const get = async (id: string): Promise<KeyDoc | null> => (await deps.store.get(keys, id))?.data ?? null;
  const [before] = rotate ? [] : await livingBootstrapKeys(deps.store, get);
  if (before) throw exists(before, place);
  const secret = newSecret(deps.ids);
  await keep?.(secret.presented);
  const replaced = await transact(deps.store, async (draft) => {
    const living = await livingBootstrapKeys(draft, (id) => draft.get(keys, id));
    const [first] = living;
    if (first && !rotate) throw exists(first, place);
    for (const key of living) {
      draft.put(keys, key.key_id, { ...key, revoked_at: iso(deps.clock.now()) });
      writeAudit(deps, draft, systemCall('bootstrap'), { action: 'keys.revoke', target: key.key_id });
    }
    createAdminKey(deps, draft, secret, name);
    return living.map(({ key_id }) => key_id);
  });
  return { key_id: secret.key_id, presented: secret.presented, replaced };
};

/** Whether the store knows this key as a living admin key. */
export const isLivingAdminKey = async (deps: Pick<Deps, 'store'>, presented: string): Promise<boolean> => {
  const parsed = parseKey(presented);
  const doc = parsed ? await deps.store.get(keys, parsed.key_id) : null;
  return (
    doc !== null &&
    doc.data.secret_sha256 === parsed?.secret_sha256 &&
    doc.data.revoked_at === null &&
    doc.data.scopes.includes('admin')
  );
};
