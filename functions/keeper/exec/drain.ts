import type { Readable } from 'node:stream';
import { OUTPUT_GRACE_MS, OUTPUT_QUIET_MS } from '#platform/protocol/bounds.ts';
import type { Clock } from '#ports/clock.ts';
import type { ExecLog } from './exec-log.ts';
import type { StreamNumber } from './run-index.ts';

/** The most that a pipe holds, unless the system is set otherwise. */
const MOST_IN_PIPE_BYTES = 1024 * 1024;

/** Reads a command's pipes into its log, no faster than the disk takes it. */
export class Drain {
  readonly #log: ExecLog;
  readonly #clock: Clock;
  readonly #streams: readonly Readable[];
  #open: number;
  #paused = false;
  #arrivals = 0;
  /** So much is read although the log is congested. */
  #rest = 0;
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

  /** Resolves when every pipe has come to its end. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Reads no more. What still holds a pipe, be it in another session that was handed it, holds none of ours. */
  close(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  /**
   * To be called when the command has exited: resolves when all it wrote is in the log. A process of the command's own
   * group that holds a pipe may be a filter that is about to write what it has read, so it is waited for, though not
   * for long. Other processes do not hold this up. What comes later goes into the log too. A log that waits for its reader
   * takes what is in the pipes all the same: the command has ended, and can wait no longer.
   * @param lingers whether a process of the command's group lives
   */
  async settle(lingers: () => boolean): Promise<void> {
    const end = this.#clock.monotonic() + OUTPUT_GRACE_MS;
    this.#rest = this.#streams.length * MOST_IN_PIPE_BYTES;
    if (this.#paused) this.#resume();
    await this.#settled(end, lingers);
    this.#rest = 0;
  }

  async #settled(end: number, lingers: () => boolean): Promise<void> {
    while (!this.finished && this.#clock.monotonic() < end) {
      const before = this.#arrivals;
      await this.#pause(OUTPUT_QUIET_MS);
      if (!this.finished && this.#arrivals === before && !this.#paused) {
        const last = !lingers();
        // One more turn of the loop, after that look: neither a late timer nor the end of a filter may overtake what
        // is in the pipes.
        await this.#pause(1);
        if (this.#arrivals === before && last) return;
      }
    }
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
      this.#arrivals++;
      this.#rest -= data.byteLength;
      this.#log.append(number, data);
      if (this.#log.congested && this.#rest <= 0) void this.#hold();
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
    this.#resume();
  }

  #resume(): void {
    this.#paused = false;
    for (const stream of this.#streams) stream.resume();
  }
}
