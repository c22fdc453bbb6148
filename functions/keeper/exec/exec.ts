import { GONE_KILL_MS, GONE_TERM_MS, TIMEOUT_GRACE_MS } from '#platform/protocol/bounds.ts';
import { signalNumber } from '#platform/signals.ts';
import { ENDS_LEFT } from '#platform/signals.ts';
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
import { type LogEvent, readLog } from './log-reader.ts';
import { offsetAt } from './offset-at.ts';
import { StdinGate } from './stdin-gate.ts';

/** The parts of an exec that exist only while its command runs. */
interface Running {
  readonly spawned: Spawned;
  readonly stdin: StdinGate;
  readonly drain: Drain;
}

/** One command from start to end, with everything that readers may ask for later. */
export class Exec {
  readonly #exec_id: string;
  readonly #tty: boolean;
  readonly #log: ExecLog;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #ended = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();
  readonly #reach: Spawned['reach'];
  /** null once it has ended, so that an ended exec holds little memory. */
  #running: Running | null;
  /** null once nothing holds its output any more. */
  #drain: Drain | null;
  #endedAt: number | null = null;
  #stdinOffset = 0;
  #exit: { readonly code: number | null; readonly signal: string | null } | null = null;
  #timedOut = false;
  #abandoned = false;
  #timer: Timer | null = null;

  constructor(start: ExecStart, spawned: Spawned, log: ExecLog, clock: Clock) {
    this.#exec_id = start.exec_id;
    this.#tty = Boolean(start.tty);
    this.#log = log;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#reach = spawned.reach;
    const running: Running = {
      spawned,
      stdin: new StdinGate(spawned.stdin, this.#tty),
      drain: new Drain(log, clock, spawned.stdout, spawned.stderr),
    };
    this.#running = running;
    this.#drain = running.drain;
    if (start.timeout_ms !== null) this.#timer = clock.timer(start.timeout_ms, () => this.#expire(running));
    void this.#follow(running);
  }

  /** Resolves when it has ended and nothing holds its output any more, so that no descriptor is kept for it. */
  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  state(): ExecState {
    const ended = this.#endedAt !== null;
    return {
      exec_id: this.#exec_id,
      status: this.#status(),
      exit_code: ended ? (this.#exit?.code ?? null) : null,
      signal: ended ? (this.#exit?.signal ?? null) : null,
      signal_number: ended ? signalNumber(this.#exit?.signal ?? '') : null,
      timed_out: ended && this.#timedOut,
      next_offset: this.#log.next,
      first_offset: this.#log.first,
      missing_from: this.#log.missingFrom,
      end_offset: ended ? this.#log.endOffset : null,
      stdin_offset: this.#running?.stdin.offset ?? this.#stdinOffset,
      started_at: this.#startedAt,
      ended_at: this.#endedAt,
    };
  }

  async *read(from: number, options: ReadOptions = {}): AsyncGenerator<OutputEvent> {
    if (from > this.#log.next) {
      throw new ExecError('past_end', `the log ends at ${this.#log.next}, ${from} lies behind it`);
    }
    yield* this.#output(from, options);
    if (options.signal?.aborted) return;
    if (options.follow !== false) await this.#ended.promise;
    if (this.#endedAt !== null) yield { type: 'exit', exec: this.state() };
  }

  async *#output(from: number, options: ReadOptions): AsyncGenerator<LogEvent> {
    const held = options.hold === undefined ? null : this.#log.hold(options.hold, from);
    try {
      for await (const event of readLog(this.#log, from, options)) {
        yield event;
        // Asked for more: this was sent.
        held?.sent(event.type === 'gap' ? event.to : event.seq + event.data.byteLength);
      }
    } finally {
      held?.end();
    }
  }

  /** The end of the kept output that was read before `time`; 0 where none of it was. */
  offsetAt(time: number): Promise<number> {
    return offsetAt(this.#log, time);
  }

  async wait(signal?: AbortSignal): Promise<ExecState> {
    if (this.#endedAt === null) await (signal ? abortable(this.#ended.promise, signal) : this.#ended.promise);
    return this.state();
  }

  async stdin(offset: number, data: Uint8Array, eof: boolean): Promise<number> {
    if (this.#running) return this.#running.stdin.accept(offset, data, eof);
    if (offset + data.byteLength > this.#stdinOffset) throw new ExecError('ended', 'the command has ended');
    return this.#stdinOffset;
  }

  async signal(name: string): Promise<ExecState> {
    const running = this.#running;
    const reached = this.#exit ? await this.#endLeft(name) : await running?.spawned.signal(name);
    if (!reached) throw new ExecError('ended', 'the command has ended');
    if (running && name === 'PIPE') this.#abandon(running);
    return this.state();
  }

  resize(cols: number, rows: number): void {
    if (!this.#tty) throw new ExecError('invalid', 'the command has no terminal');
    if (this.#exit || !this.#running) throw new ExecError('ended', 'the command has ended');
    this.#running.spawned.resize(cols, rows);
  }

  /** Ends the command at once; its session is going away. Resolves when its end is recorded. */
  async kill(): Promise<void> {
    if (!this.#exit) await this.#running?.spawned.signal('KILL');
    await this.#ended.promise;
    this.#drain?.close();
  }

  /** False if it had left nothing. Its output may also be held by a process that was handed it: KILL takes that away. */
  async #endLeft(name: string): Promise<boolean> {
    const reached = ENDS_LEFT.has(name) && (await this.#reach(name));
    const drain = this.#drain;
    if (name !== 'KILL' || this.#endedAt === null || !drain) return reached;
    // What the killed ones wrote is in the pipes.
    await drain.settle(() => false);
    drain.close();
    return true;
  }

  #status(): ExecStatus {
    if (this.#endedAt === null) return 'running';
    if (this.#timedOut) return 'timed_out';
    return this.#exit?.signal ? 'killed' : 'exited';
  }

  #expire({ spawned }: Running): void {
    if (this.#exit) return;
    this.#timedOut = true;
    // What can't be signalled now is killed later.
    spawned.signal('TERM').catch(() => undefined);
    this.#killAfter(TIMEOUT_GRACE_MS, spawned);
  }

  /** Its caller is gone: what does not end by that is ended, also what has outlived the command itself. */
  #abandon({ spawned }: Running): void {
    if (this.#abandoned) return;
    this.#abandoned = true;
    this.#clock.timer(GONE_TERM_MS, () => {
      spawned.signal('TERM').catch(() => undefined);
      this.#killAfter(GONE_KILL_MS, spawned);
    });
  }

  /** Also what has outlived the command. A signal fails while its processes can't be looked at: then it is tried again. */
  #killAfter(ms: number, spawned: Spawned): void {
    this.#clock.timer(ms, () => {
      spawned.signal('KILL').catch(() => this.#killAfter(TIMEOUT_GRACE_MS, spawned));
    });
  }

  async #follow({ spawned, stdin, drain }: Running): Promise<void> {
    const exit = await spawned.exited;
    this.#exit = { code: exit.code, signal: exit.signal?.replace(/^SIG/, '') ?? null };
    if (!this.#timedOut) {
      this.#timer?.cancel();
      this.#timer = null;
    }
    await drain.settle(() => {
      try {
        return spawned.lingers();
      } catch {
        // Its processes can't be looked at just now: there may be one.
        return true;
      }
    });
    this.#log.endCommand();
    this.#endedAt = this.#clock.now();
    this.#stdinOffset = stdin.offset;
    this.#running = null;
    stdin.end();
    spawned.release();
    // Known before the end is: who waits for that may start another command at once.
    if (drain.finished) this.#outputEnded();
    this.#ended.resolve();
    await drain.closed;
    this.#outputEnded();
  }

  #outputEnded(): void {
    this.#drain = null;
    this.#log.end();
    this.#drained.resolve();
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
