import type { Clock } from '#ports/clock.ts';
import type { CallObserver } from '../api/serve.ts';

/** What is under way at the API: HTTP requests until their last byte is out, WebSockets until they close. */
export interface Calls extends CallObserver {
  readonly underWay: number;
  /** How many there have been. */
  readonly total: number;
  /** Milliseconds without any; 0 while one is under way. Counts from the start where there was none. */
  readonly quietMs: () => number;
}

export const countCalls = (clock: Pick<Clock, 'monotonic'>): Calls => {
  let underWay = 0;
  let total = 0;
  let last = clock.monotonic();
  return {
    get underWay() {
      return underWay;
    },
    get total() {
      return total;
    },
    quietMs: () => (underWay > 0 ? 0 : clock.monotonic() - last),
    began: () => {
      underWay++;
      total++;
    },
    ended: () => {
      underWay--;
      last = clock.monotonic();
    },
  };
};
