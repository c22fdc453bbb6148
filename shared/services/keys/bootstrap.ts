import { SCOPES } from '#contract/scopes.ts';
import { iso } from '#ports/clock.ts';
import { writeAudit } from '../kernel/audit.ts';
import { systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { keys } from '../model/collections.ts';
import { newSecret, parseKey } from './secret.ts';

/**
 * Makes an admin key and returns it as its holder presents it: the only time that it is seen. It is kept before it is
 * known: a crash between the two leaves a key that is not valid, not a valid key that is lost.
 */
export const bootstrapAdminKey = async (
  deps: Deps,
  name: string,
  keep: (presented: string) => Promise<void>,
): Promise<string> => {
  const secret = newSecret(deps.ids);
  await keep(secret.presented);
  await transact(deps.store, async (draft) => {
    draft.create(keys, secret.key_id, {
      key_id: secret.key_id,
      name,
      user_id: null,
      scopes: SCOPES,
      workspace_id: null,
      workspace_owner: null,
      session_id: null,
      secret_sha256: secret.secret_sha256,
      created_at: iso(deps.clock.now()),
      created_by: null,
      expires_at: null,
      last_used_at: null,
      revoked_at: null,
    });
    writeAudit(deps, draft, systemCall('bootstrap'), { action: 'keys.bootstrap', target: secret.key_id });
  });
  return secret.presented;
};

/** Whether the store knows this key as a living admin key. */
export const isLivingAdminKey = async (deps: Deps, presented: string): Promise<boolean> => {
  const parsed = parseKey(presented);
  const doc = parsed ? await deps.store.get(keys, parsed.key_id) : null;
  return (
    doc !== null &&
    doc.data.secret_sha256 === parsed?.secret_sha256 &&
    doc.data.revoked_at === null &&
    doc.data.scopes.includes('admin')
  );
};
