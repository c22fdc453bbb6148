import { refuseAgents } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import type { PageInput } from '../kernel/pages.ts';
import { pageOfQuery } from '../kernel/pages.ts';
import { users } from '../model/collections.ts';
import { userToWire } from './wire.ts';

export const listUsers = (deps: Deps, call: Call, input: PageInput) => {
  refuseAgents(call);
  return pageOfQuery(deps.store, users, { order: { field: 'user_id', direction: 'asc' } }, input, userToWire);
};
