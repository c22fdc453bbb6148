import type { ListPage } from '#contract/entities/common.ts';
import type { Deps } from '../kernel/deps.ts';
import { type PageInput, pageOfQuery } from '../kernel/pages.ts';
import { intents } from '../model/collections.ts';
import type { IntentDoc } from '../model/docs.ts';

/** Work that is not known to be done, the oldest first. For operators: it asks for no key. */
export const listIntents = (deps: Pick<Deps, 'store'>, input: PageInput): Promise<ListPage<IntentDoc>> =>
  pageOfQuery(deps.store, intents, { order: { field: 'created_at', direction: 'asc' } }, input, (intent) => intent);
