import type { Deps } from '../kernel/deps.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';

const POLL_MS = 250;

type Wanted = (session: SessionDoc) => boolean;

/** Until the store tells of a session as wanted, or the time is over. */
const watched = async (deps: Deps, session: SessionDoc, ms: number, wanted: Wanted, signal?: AbortSignal) => {
  let latest = session;
  const over = Promise.withResolvers<void>();
  const timer = deps.clock.timer(ms, over.resolve);
  const stop = deps.store.watch(sessions, session.id, (doc) => {
    latest = doc?.data ?? latest;
    if (wanted(latest)) over.resolve();
  });
  const gone = () => over.resolve();
  signal?.addEventListener('abort', gone, { once: true });
  try {
    await over.promise;
    return latest;
  } finally {
    signal?.removeEventListener('abort', gone);
    stop();
    timer.cancel();
  }
};

const polled = async (deps: Deps, session: SessionDoc, ms: number, wanted: Wanted, signal?: AbortSignal) => {
  const until = deps.clock.monotonic() + ms;
  for (let latest = session; ; ) {
    latest = (await deps.store.get(sessions, session.id))?.data ?? latest;
    const left = until - deps.clock.monotonic();
    if (wanted(latest) || left <= 0 || signal?.aborted) return latest;
    await deps.clock.sleep(Math.min(left, POLL_MS));
  }
};

/**
 * Holds until the session is as wanted, or `seconds` have passed, and returns it as it then is.
 * A caller who stops waiting, as `signal` says, loses nothing: the work goes on without it.
 */
export const waitForSession = async (
  deps: Deps,
  session: SessionDoc,
  seconds: number,
  wanted: Wanted,
  signal?: AbortSignal,
): Promise<SessionDoc> => {
  if (wanted(session) || seconds <= 0 || signal?.aborted) return session;
  const look = deps.store.capabilities.watch ? watched : polled;
  return look(deps, session, seconds * 1000, wanted, signal);
};
