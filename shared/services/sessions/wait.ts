import type { Deps } from '../kernel/deps.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';

const POLL_MS = 250;

/** Rests until the document may have changed, or `ms` have passed. */
const nextChange = async (
  deps: Deps,
  ms: number,
  changed: { seen: boolean },
  ring: { wake: () => void },
): Promise<void> => {
  if (changed.seen) return;
  await new Promise<void>((resolve) => {
    const timer = deps.clock.timer(deps.store.capabilities.watch ? ms : Math.min(ms, POLL_MS), resolve);
    ring.wake = () => {
      timer.cancel();
      resolve();
    };
    // A change between the check above and this line.
    if (changed.seen) ring.wake();
  });
};

/**
 * Holds until the session is as wanted, or `seconds` have passed, and returns it as it then is.
 * A caller who stops waiting loses nothing: the work goes on without it.
 */
export const waitForSession = async (
  deps: Deps,
  session: SessionDoc,
  seconds: number,
  wanted: (session: SessionDoc) => boolean,
): Promise<SessionDoc> => {
  const until = deps.clock.monotonic() + seconds * 1000;
  const changed = { seen: false };
  const ring = { wake: () => {} };
  const stop = deps.store.capabilities.watch
    ? deps.store.watch(sessions, session.id, () => {
        changed.seen = true;
        ring.wake();
      })
    : () => {};
  try {
    let now = session;
    let first = true;
    while (!wanted(now)) {
      const left = until - deps.clock.monotonic();
      if (left <= 0) break;
      if (!first) await nextChange(deps, left, changed, ring);
      first = false;
      changed.seen = false;
      now = (await deps.store.get(sessions, session.id))?.data ?? now;
    }
    return now;
  } finally {
    stop();
  }
};
