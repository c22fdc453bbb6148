import type { Background } from '#ports/background.ts';
import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';

export interface BackgroundOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>;
  readonly log: Logger;
}

interface Running {
  readonly label: string;
  readonly ended: PromiseWithResolvers<void>;
}

/** Work after answers, in this process. */
export const createBackground = ({ clock, log }: BackgroundOptions): Background => {
  const running = new Set<Running>();

  /** Resolves when everything that runs now has ended, or after `ms`. */
  const settled = async (ms: number): Promise<void> => {
    const late = Promise.withResolvers<void>();
    const timer = clock.timer(ms, late.resolve);
    await Promise.race([late.promise, Promise.all([...running].map(({ ended }) => ended.promise))]);
    timer.cancel();
  };

  return {
    run: (label, work, about = {}) => {
      const entry: Running = { label, ended: Promise.withResolvers() };
      const attempt = async (): Promise<void> => {
        try {
          await work();
        } catch (error) {
          log.warn({ ...about, work: label, err: error }, 'work after an answer failed');
        } finally {
          running.delete(entry);
          entry.ended.resolve();
        }
      };
      // Added first: work that throws at once has ended before `attempt` returns.
      running.add(entry);
      void attempt();
    },
    drain: async (ms) => {
      const end = clock.monotonic() + ms;
      for (let left = ms; running.size > 0 && left > 0; left = end - clock.monotonic()) await settled(left);
      return [...running].map(({ label }) => label);
    },
  };
};
