import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import type { PreparedSandbox } from './levels/level.ts';

const REFILL_AFTER_MS = 100;

/** A stock of sandboxes that lack only their session. */
export interface Pool {
  take(): PreparedSandbox | null;
  resize(size: number): void;
  /** Names of those in stock and in the making. */
  names(): readonly string[];
  close(): Promise<void>;
}

/** Fills one after the other, so that filling never competes with itself for the machine. */
export function openPool(make: (name: string) => Promise<PreparedSandbox>, clock: Clock, ids: Ids, log: Logger): Pool {
  const stock: PreparedSandbox[] = [];
  let making: string | null = null;
  let wanted = 0;
  let filling: Promise<void> | null = null;

  const fill = async () => {
    while (stock.length < wanted) {
      making = ids.next('ready');
      try {
        stock.push(await make(making));
      } catch (error) {
        log.warn({ error: String(error) }, 'a ready sandbox could not be made');
        return;
      } finally {
        making = null;
      }
    }
    await Promise.all(stock.splice(wanted).map((ready) => ready.discard()));
  };
  const refill = () => {
    filling ??= fill().finally(() => {
      filling = null;
      if (stock.length > wanted) refill();
    });
  };

  return {
    take: () => {
      const ready = stock.shift() ?? null;
      // Not at once: a session that was just taken starts its first command, and has the machine to itself.
      if (ready) clock.timer(REFILL_AFTER_MS, refill);
      return ready;
    },
    resize: (size) => {
      wanted = size;
      refill();
    },
    names: () => [...stock.map((ready) => ready.name), ...(making ? [making] : [])],
    close: async () => {
      wanted = 0;
      await filling;
      await Promise.all(stock.splice(0).map((ready) => ready.discard()));
    },
  };
}
