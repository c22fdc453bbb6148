import type { Clock, Timer } from '#ports/clock.ts';
import {
  ExecError,
  type ExecStart,
  type ExecState,
  type ExecStatus,
  type OutputEvent,
  type ReadOptions,
} from '#ports/exec.ts';
import type { Spawned } from '../sandbox/types.ts';
import { Drain } from './drain.ts';
import type { ExecLog } from './exec-log.ts';
import { readLog } from './log-reader.ts';
import { StdinGate } from './stdin-gate.ts';

/** Between TERM and KILL when a command's time is over. */
export const KILL_DELAY_MS = 2_000;

/** One command, from its start to its end, and everything about it that readers may ask for later. */
export class Exec {
  readonly #start: ExecStart;
  readonly #spawned: Spawned;
  readonly #log: ExecLog;
  readonly #clock: Clock;
  readonly #stdin: StdinGate;
  readonly #drain: Drain;
  readonly #startedAt: number;
  readonly #ended = Promise.withResolvers<void>();
  #endedAt: number | null = null;
  #exit: { readonly code: number | null; readonly signal: string | null } | null = null;
  #timedOut = false;
  #timer: Timer | null = null;

  constructor(start: ExecStart, spawned: Spawned, log: ExecLog, clock: Clock) {
    this.#start = start;
    this.#spawned = spawned;
    this.#log = log;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#stdin = new StdinGate(spawned.stdin, Boolean(start.tty));
    this.#drain = new Drain(log, clock, spawned.stdout, spawned.stderr);
    if (start.timeout_ms !== null) this.#timer = clock.timer(start.timeout_ms, () => this.#expire());
    void this.#follow();
  }

  state(): ExecState {
    const ended = this.#endedAt !== null;
    return {
      exec_id: this.#start.exec_id,
      status: this.#status(),
      exit_code: ended ? (this.#exit?.code ?? null) : null,
      signal: ended ? (this.#exit?.signal ?? null) : null,
      timed_out: ended && this.#timedOut,
      next_offset: this.#log.next,
      first_offset: this.#log.first,
      stdin_offset: this.#stdin.offset,
      started_at: this.#startedAt,
      ended_at: this.#endedAt,
    };
  }

  async *read(from: number, options: ReadOptions = {}): AsyncGenerator<OutputEvent> {
    if (from > this.#log.next) {
      throw new ExecError('past_end', `the log ends at ${this.#log.next}, ${from} lies behind it`);
    }
    yield* readLog(this.#log, from, options);
    if (options.signal?.aborted) return;
    if (options.follow !== false) await this.#ended.promise;
    if (this.#endedAt !== null) yield { type: 'exit', exec: this.state() };
  }

  async wait(signal?: AbortSignal): Promise<ExecState> {
    if (this.#endedAt === null) await (signal ? abortable(this.#ended.promise, signal) : this.#ended.promise);
    return this.state();
  }

  stdin(offset: number, data: Uint8Array, eof: boolean): Promise<number> {
    return this.#stdin.accept(offset, data, eof);
  }

  signal(name: string): ExecState {
    if (this.#exit || !this.#spawned.signal(name)) throw new ExecError('ended', 'the command has ended');
    return this.state();
  }

  resize(cols: number, rows: number): void {
    if (!this.#start.tty) throw new ExecError('invalid', 'the command has no terminal');
    if (this.#exit) throw new ExecError('ended', 'the command has ended');
    this.#spawned.resize(cols, rows);
  }

  /** Ends the command at once; its session is going away. Resolves when its end is recorded. */
  async kill(): Promise<void> {
    if (!this.#exit) this.#spawned.signal('KILL');
    await this.#ended.promise;
  }

  #status(): ExecStatus {
    if (this.#endedAt === null) return 'running';
    if (this.#timedOut) return 'timed_out';
    return this.#exit?.signal ? 'killed' : 'exited';
  }

  #expire(): void {
    if (this.#exit) return;
    this.#timedOut = true;
    this.#spawned.signal('TERM');
    // The group may outlive its leader: it is killed unless its pipes have closed.
    this.#timer = this.#clock.timer(KILL_DELAY_MS, () => {
      if (!this.#exit || !this.#drain.finished) this.#spawned.signal('KILL');
    });
  }

  async #follow(): Promise<void> {
    const exit = await this.#spawned.exited;
    this.#exit = { code: exit.code, signal: exit.signal?.replace(/^SIG/, '') ?? null };
    if (!this.#timedOut) this.#timer?.cancel();
    await this.#drain.settle();
    this.#endedAt = this.#clock.now();
    this.#stdin.end();
    this.#log.end();
    this.#ended.resolve();
  }
}

const abortable = (done: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { once: true });
    void done.then(() => {
      signal.removeEventListener('abort', aborted);
      resolve();
    });
  });
