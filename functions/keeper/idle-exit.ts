import type { Clock, Timer } from '#ports/clock.ts';

/** Long enough for a server that restarts to find its keeper. */
const GRACE_MS = 5_000;

/** Calls `leave` when nothing has needed the keeper for some seconds. `changed` is told of every change. */
export const idleExit = (clock: Clock, needed: () => boolean, leave: () => void): { readonly changed: () => void } => {
  let timer: Timer | null = null;
  const changed = (): void => {
    if (needed()) {
      timer?.cancel();
      timer = null;
    } else {
      timer ??= clock.timer(GRACE_MS, () => {
        timer = null;
        if (!needed()) leave();
      });
    }
  };
  return { changed };
};
