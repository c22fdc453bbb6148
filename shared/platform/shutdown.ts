import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';

export interface ShutdownOptions {
  readonly log: Logger;
  readonly clock: Pick<Clock, 'timer'>;
  /** What ends the process; `process.exit` unless a test says otherwise. */
  readonly exit?: (code: number) => void;
  /** What a second signal does instead of ending at once. */
  readonly second?: () => Promise<void>;
}

export interface Shutdown {
  /** Phases run in the order in which they were added; one that fails or is late does not hold up the next. */
  phase(name: string, limit_ms: number, run: () => Promise<void> | void): void;
  /** Runs all phases once; later calls join the first. @returns whether each succeeded in its time */
  run(reason: string): Promise<boolean>;
  /** Ends the process on these signals. The second signal does not wait. @returns the way to stop listening. */
  listen(signals: readonly NodeJS.Signals[]): () => void;
}

interface Phase {
  readonly name: string;
  readonly limit_ms: number;
  readonly run: () => Promise<void> | void;
}

/** Ordered end of a process: each phase has its time, so that the end is certain. */
export const createShutdown = (options: ShutdownOptions): Shutdown => {
  const phases: Phase[] = [];
  const exit = options.exit ?? ((code) => process.exit(code));
  let running: Promise<boolean> | null = null;
  let signalled = 0;

  const runAll = async (reason: string): Promise<boolean> => {
    options.log.info({ reason }, 'shutting down');
    let clean = true;
    for (const phase of phases) clean = (await runPhase(phase, options)) && clean;
    return clean;
  };

  const run = (reason: string): Promise<boolean> => {
    running ??= runAll(reason);
    return running;
  };

  const onSignal = (signal: NodeJS.Signals): void => {
    signalled++;
    if (signalled === 1) void run(signal).then((clean) => exit(clean ? 0 : 1));
    else if (signalled === 2 && options.second) void options.second().finally(() => exit(1));
    else exit(1);
  };

  return {
    phase: (name, limit_ms, fn) => void phases.push({ name, limit_ms, run: fn }),
    run,
    listen: (signals) => {
      for (const signal of signals) process.on(signal, onSignal);
      return () => {
        for (const signal of signals) process.off(signal, onSignal);
      };
    },
  };
};

const runPhase = async (phase: Phase, { clock, log }: ShutdownOptions): Promise<boolean> => {
  const late = Promise.withResolvers<void>();
  const timer = clock.timer(phase.limit_ms, () => late.reject(new Error(`took longer than ${phase.limit_ms} ms`)));
  try {
    await Promise.race([late.promise, phase.run()]);
    return true;
  } catch (error) {
    log.error({ phase: phase.name, error }, 'a phase of the shutdown failed');
    return false;
  } finally {
    timer.cancel();
  }
};
