import type { Timer } from '#ports/clock.ts';
import type { Doc } from '#ports/store.ts';
import type { Deps } from '../kernel/deps.ts';
import { unlessItFails } from '../kernel/unless-it-fails.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';

const POLL_MS = 250;
/**
 * A watch may go silent without an error, so the document is also read at a random moment in each span of this length.
 * Waits that began together read apart.
 */
const READ_MS = { least: 5_000, most: 9_000 } as const;
/** Time from a watch's error to the next watch. */
const WATCH_ANEW_MS = 1_000;

type Wanted = (session: SessionDoc) => boolean;

/** Until the store tells of a session as wanted, or the time is over. */
const watched = async (deps: Deps, session: SessionDoc, ms: number, wanted: Wanted, signal?: AbortSignal) => {
  const { background, clock, ids, log, store } = deps;
  const about = { session_id: session.id };
  let latest = session;
  let told = 0;
  const over = Promise.withResolvers<void>();
  const seen = (doc: Doc<SessionDoc> | null): void => {
    told += 1;
    latest = doc?.data ?? latest;
    if (wanted(latest)) over.resolve();
  };

  let stop = (): void => {};
  let anew: Timer = { cancel: () => {} };
  const failed = (error: unknown): void => {
    log.warn({ ...about, err: error }, 'a watch of a session ended; it is watched anew');
    anew = clock.timer(WATCH_ANEW_MS, watch);
  };
  const watch = (): void => {
    // A timer calls it, so what the store throws has no other place to go.
    try {
      stop = store.watch(sessions, session.id, seen, failed);
    } catch (error) {
      failed(error);
    }
  };

  const read = async (): Promise<void> => {
    const before = told;
    const doc = await store.get(sessions, session.id);
    // What was told meanwhile may be newer.
    if (told === before) seen(doc);
  };
  const lookLater = (): Timer =>
    clock.timer(READ_MS.least + ids.fraction() * (READ_MS.most - READ_MS.least), () => {
      look = lookLater();
      background.run('read of a session that is waited for', read, about);
    });

  const timer = clock.timer(ms, over.resolve);
  const gone = () => over.resolve();
  signal?.addEventListener('abort', gone, { once: true });
  watch();
  let look = lookLater();
  try {
    await over.promise;
    return latest;
  } finally {
    signal?.removeEventListener('abort', gone);
    stop();
    for (const each of [timer, look, anew]) each.cancel();
  }
};

const polled = async (deps: Deps, session: SessionDoc, ms: number, wanted: Wanted, signal?: AbortSignal) => {
  const until = deps.clock.monotonic() + ms;
  const about = { session_id: session.id };
  for (let latest = session; ; ) {
    // What is waited for is on record already: a store that does not answer must not make its caller think otherwise.
    await unlessItFails(deps, about, 'a session that is waited for could not be read', async () => {
      latest = (await deps.store.get(sessions, session.id))?.data ?? latest;
    });
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
