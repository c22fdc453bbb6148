import { keyOf } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { PageInput } from '../kernel/pages.ts';
import { pageOfQuery } from '../kernel/pages.ts';
import { keys } from '../model/collections.ts';
import { withinReach } from './reach.ts';
import { keyToWire } from './wire.ts';

/** The keys that the caller can see, without their secrets. A page may be shorter than its limit. */
export const listKeys = async (deps: Deps, call: Call, input: PageInput) => {
  const { actor } = call;
  const user_id = keyOf(actor)?.user_id ?? null;
  const query = user_id === null ? {} : { where: { user_id }, order: { field: 'key_id', direction: 'asc' } as const };
  const page = await pageOfQuery(deps.store, keys, query, input, (key) =>
    withinReach(actor, key) ? keyToWire(key) : null,
  );
  return { ...page, items: page.items.filter((key) => key !== null) };
};
