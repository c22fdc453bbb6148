import { isTerminal } from '#domain/lifecycle.ts';
import { sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { beginEnd } from '../lifecycle/begin-end.ts';
import { enqueueIntent } from '../lifecycle/intents.ts';
import { waitForSession } from '../lifecycle/wait.ts';
import { sessionToWire } from './wire.ts';

/** Seconds that an end is waited for when the caller does not say; v3 clients don't know `?wait=`. */
const DEFAULT_WAIT = 20;

/**
 * Ends a session and answers when its resources are gone, or when `wait` has run out, with the status as it is.
 * Ending twice is fine. `force` takes away TERM's grace; nothing is recorded as gone that was not seen gone.
 */
export const endSession = async (
  deps: Deps,
  call: Call,
  input: { id: string; force: boolean; wait?: number | undefined },
) => {
  const { session, intent } = await transact(deps.store, async (draft) => {
    const found = await sessionFor(draft, call, input.id, 'editor');
    return beginEnd(deps, draft, call, found, {
      reason: input.force ? 'force_deleted' : 'user_requested',
      force: input.force,
    });
  });
  if (intent) await enqueueIntent(deps, intent);
  const now = await waitForSession(deps, session, input.wait ?? DEFAULT_WAIT, (doc) => isTerminal(doc.status));
  return sessionToWire(deps, now);
};
