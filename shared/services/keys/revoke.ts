import { missingOrHidden } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { keys } from '../model/collections.ts';
import { withinReach } from './reach.ts';
import { keyToWire } from './wire.ts';

/** Revokes a key from the next request on. It may be repeated. */
export const revokeKey = (deps: Deps, call: Call, input: { key_id: string }) =>
  transact(deps.store, async (draft) => {
    const key = await draft.get(keys, input.key_id);
    if (!key || !withinReach(call.actor, key)) throw missingOrHidden('key', input.key_id);
    if (key.revoked_at !== null) return keyToWire(key);
    const revoked = { ...key, revoked_at: iso(deps.clock.now()) };
    draft.put(keys, key.key_id, revoked);
    writeAudit(deps, draft, call, { target: key.key_id });
    return keyToWire(revoked);
  });
