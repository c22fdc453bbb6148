import { missing } from '#contract/errors.ts';
import { refuseAgents } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { userKey, users } from '../model/collections.ts';
import { userToWire } from './wire.ts';

export const getUser = async (deps: Deps, call: Call, input: { user_id: string }) => {
  refuseAgents(call);
  const user = await deps.store.get(users, userKey(input.user_id));
  if (!user) throw missing('user', `User ${input.user_id} does not exist. PUT makes one; so does the first use.`);
  return userToWire(user.data);
};
