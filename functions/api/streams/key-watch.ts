import type { KeyActor } from '#services/kernel/call.ts';
import { stillValid } from '#services/keys/authenticate.ts';
import type { ApiDeps } from '../deps.ts';

const EVERY_MS = 30_000;

/** Looks every 30 s whether the key of an open stream still holds. @returns the way to stop. */
export const watchKey = (api: ApiDeps, actor: KeyActor, revoked: () => void): (() => void) => {
  let timer = api.clock.timer(EVERY_MS, () => void look());
  let stopped = false;
  const look = async (): Promise<void> => {
    // A store that can't be read right now says nothing about the key.
    const valid = await stillValid(api.deps, actor).catch(() => true);
    if (stopped) return;
    if (valid) timer = api.clock.timer(EVERY_MS, () => void look());
    else revoked();
  };
  return () => {
    stopped = true;
    timer.cancel();
  };
};
