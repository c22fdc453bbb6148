import { iso } from '#ports/clock.ts';
import { type Call, systemCall } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { sessions } from '../model/collections.ts';
import { beginEnd } from './begin-end.ts';
import { enqueueIntent } from './intents.ts';

/**
 * Ends a session whose time has come: re-read in the transaction, so that one which was extended meanwhile, or is
 * ending already, is left alone.
 * @param due an instant that has come by the queue's clock, even if the wall clock was set back meanwhile
 * @returns whether this call began the end
 */
export const expireSession = async (
  deps: Deps,
  sessionId: string,
  call: Call = systemCall('expire'),
  due: string | null = null,
): Promise<boolean> => {
  const begun = await transact(deps.store, async (draft) => {
    const session = await draft.get(sessions, sessionId);
    const until = session?.live_until ?? null;
    if (!session || until === null || (until !== due && until > iso(deps.clock.now()))) return null;
    return beginEnd(deps, draft, call, session, { reason: 'expired' });
  });
  if (!begun?.intent) return false;
  await enqueueIntent(deps, begun.intent);
  return true;
};
