import type { Readable } from 'node:stream';
import { OUTPUT_GRACE_MS, OUTPUT_QUIET_MS } from '#platform/protocol/bounds.ts';
import type { Clock } from '#ports/clock.ts';
import type { ExecLog } from './exec-log.ts';
import type { StreamNumber } from './run-index.ts';

/** Reads a command's pipes into its log, no faster than the disk takes it. */
export class Drain {
  readonly #log: ExecLog;
  readonly #clock: Clock;
  readonly #streams: readonly Readable[];
  #open: number;
  #paused = false;
  #detached = false;
  #arrivals = 0;
  readonly #closed = Promise.withResolvers<void>();

  constructor(log: ExecLog, clock: Clock, stdout: Readable, stderr: Readable | null) {
    this.#log = log;
    this.#clock = clock;
    this.#streams = stderr ? [stdout, stderr] : [stdout];
    this.#open = this.#streams.length;
    this.#attach(stdout, 0);
    if (stderr) this.#attach(stderr, 1);
  }

  /** Whether every pipe has come to its end. */
  get finished(): boolean {
    return this.#open === 0;
  }

  /**
   * To be called when the command has exited: resolves when all it wrote is in the log. Children that hold the pipes
   * open do not hold this up; what they write later is read and thrown away, so that they never fail by it.
   */
  async settle(): Promise<void> {
    const end = this.#clock.monotonic() + OUTPUT_GRACE_MS;
    while (!this.finished && this.#clock.monotonic() < end) {
      const before = this.#arrivals;
      await this.#pause(OUTPUT_QUIET_MS);
      // One more turn of the loop: a late timer must not overtake data that is waiting to be read.
      if (!this.finished && this.#arrivals === before && !this.#paused) {
        await this.#pause(1);
        if (this.#arrivals === before) break;
      }
    }
    this.#detached = true;
    for (const stream of this.#streams) stream.resume();
  }

  #pause(ms: number): Promise<void> {
    const over = Promise.withResolvers<void>();
    const timer = this.#clock.timer(ms, over.resolve);
    return Promise.race([over.promise, this.#closed.promise]).finally(() => timer.cancel());
  }

  #attach(stream: Readable, number: StreamNumber): void {
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      this.#open--;
      if (this.finished) this.#closed.resolve();
    };
    stream.on('data', (data: Buffer) => {
      if (this.#detached) return;
      this.#arrivals++;
      this.#log.append(number, data);
      if (this.#log.congested) void this.#hold();
    });
    stream.on('end', end);
    stream.on('close', end);
    // A terminal's master ends by an I/O error.
    stream.on('error', end);
  }

  async #hold(): Promise<void> {
    if (this.#paused) return;
    this.#paused = true;
    for (const stream of this.#streams) stream.pause();
    await this.#log.relieved();
    this.#paused = false;
    for (const stream of this.#streams) stream.resume();
  }
}
