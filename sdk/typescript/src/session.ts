import { endSession } from './ending/sessions.ts';
import { hold } from './ending/signals.ts';
import { NotFound, SessionLeft } from './errors.ts';
import { Process, type ProcessOptions, readerName } from './execs/process.ts';
import { type RunOptions, type RunResult, runCommand } from './execs/run.ts';
import { Shell } from './execs/shell.ts';
import type { SessionKit } from './kit.ts';
import { inSession, type NoticeOptions, NoticeWatch, type OnNotice } from './notices.ts';
import type { CallOptions, WaitOptions } from './options.ts';
import type { Listing, PageOptions } from './pages.ts';
import { INSPECT } from './shown.ts';
import type { AuditEvent, ExecStart, SessionCost, SessionRecord, Usage } from './types.ts';

/** A line for /bin/sh -c, or a program with its arguments. */
export type Command = string | readonly string[];
/** Options of the start of a command. */
export interface StartOptions extends Omit<ExecStart, 'command' | 'argv' | 'when_full'>, CallOptions {
  /**
   * When the log is full, let the command wait until its output is read, so that none is lost (default: false). After
   * 60 s without a reader it continues, and the oldest output is dropped.
   */
  readonly hold?: boolean | undefined;
}

/** Copies the fields of a record, except fields of a later server that have the name of a method. */
const takeOver = <T extends object>(session: T, record: SessionRecord): T => {
  const methods: object = Object.getPrototypeOf(session);
  return Object.assign(session, Object.fromEntries(Object.entries(record).filter(([name]) => !(name in methods))));
};

/** The fields of the record are properties of the session. */
const SessionFields = class {
  constructor(record: SessionRecord) {
    takeOver(this, record);
  }
} as new (
  record: SessionRecord,
) => SessionRecord;

/**
 * A session: the fields of its record, and methods.
 * `await using session = await client.sessions.create(…)` ends the session with the block.
 */
export class Session extends SessionFields implements AsyncDisposable {
  readonly #kit: SessionKit;
  #letGo: (() => void) | null = null;

  constructor(kit: SessionKit, record: SessionRecord) {
    super(record);
    this.#kit = kit;
  }

  /**
   * Runs a command and waits until it has ended.
   * @throws SessionNotRunning, Invalid; with `check` CommandFailed or CommandTimeout if the return code is not 0
   */
  run(command: Command, options: RunOptions = {}): Promise<RunResult> {
    return runCommand(this.#kit, this.id, command, options);
  }

  /**
   * Starts a command and returns its {@link Process} at once. `stdin: true` keeps stdin open, `tty` gives it a
   * terminal.
   * It may run until the session ends, unless `timeout` (seconds) is given. If the call is aborted, the command is ended,
   * unless it has an `exec_id` of yours.
   * @throws SessionNotRunning, Invalid
   */
  async start(command: Command, options: StartOptions = {}): Promise<Process> {
    const { signal, timeoutMs, maxRetries, idempotencyKey, hold = false, ...body } = options;
    const what = typeof command === 'string' ? { command } : { argv: [...command] };
    const call = { signal, timeoutMs, maxRetries, idempotencyKey };
    const held = hold ? ({ when_full: 'hold' } as const) : {};
    const exec = await this.#kit.execs.start(this.id, { ...what, ...body, ...held }, call);
    return new Process(this.#kit, exec, { interactive: body.stdin, hold: hold ? readerName() : undefined });
  }

  /**
   * A command that was started before. Its output is read from the beginning, or from an offset `from` or an instant
   * `since` on.
   * @throws ExecNotFound
   */
  async process(exec_id: string, options: ProcessOptions & CallOptions = {}): Promise<Process> {
    return new Process(this.#kit, await this.#kit.execs.get(this.id, exec_id, options), options);
  }

  /** Opens a terminal over a WebSocket. @throws SessionNotRunning, ConnectionFailed */
  shell(options: CallOptions = {}): Promise<Shell> {
    return Shell.open(this.#kit.transport, this.id, options);
  }

  /** Current use: CPU in percent of one CPU, memory and disk in MiB. @throws SessionNotRunning */
  usage(options: CallOptions = {}): Promise<Usage> {
    return this.#kit.sessions.usage(this.id, options);
  }

  /** Cost so far and per hour. @throws SessionNotFound */
  cost(options: CallOptions = {}): Promise<SessionCost> {
    return this.#kit.sessions.cost(this.id, options);
  }

  /** Events of the session, in order. @throws SessionNotFound */
  events(options: PageOptions = {}): Listing<AuditEvent> {
    return this.#kit.sessions.events(this.id, options);
  }

  /**
   * Calls `told` with each notice of this session, from its beginning: before its time ends, and when its provider takes
   * the machine back. Ends with the session. {@link OnMemOSClient.onNotice} tells of budgets too.
   */
  onNotice(told: OnNotice, options: NoticeOptions = {}): NoticeWatch {
    const ask = inSession((signal) => this.#kit.sessions.events(this.id, { signal }));
    return new NoticeWatch(ask, told, options);
  }

  /** Sets the end of the session to `minutes` from now. @throws Conflict beyond the longest life, BudgetExceeded */
  async extend(minutes: number, options: CallOptions = {}): Promise<this> {
    return this.#take(await this.#kit.sessions.update(this.id, { ttl_minutes: minutes }, options));
  }

  /** Reads the record of the session into this object. @throws SessionNotFound */
  async refresh(options: CallOptions = {}): Promise<this> {
    return this.#take(await this.#kit.sessions.get(this.id, options));
  }

  /** Ends the session and waits up to `wait` seconds (default: 20) until its resources are gone. It may be repeated. */
  async delete(options: WaitOptions = {}): Promise<this> {
    return this.#take(await this.#kit.sessions.delete(this.id, options));
  }

  /** How consoles show it: `console.log({ ...session })` shows all fields. */
  [INSPECT](): string {
    return `<Session ${this.id} ${this.status}, ${this.resource_package} of ${this.user}>`;
  }

  /**
   * Ends the session with its block, or when SIGINT, SIGTERM or SIGHUP ends the program meanwhile.
   * @throws SessionLeft if it could not be ended; it says when the session ends by itself
   */
  get [Symbol.asyncDispose](): () => Promise<void> {
    // `await using` reads this when the block begins, and calls it when the block is left.
    this.#letGo ??= hold(() => endSession(this.#kit.transport.brief(), this.id));
    return this.#leave;
  }

  async #leave(): Promise<void> {
    try {
      if (this.status === 'terminated' || this.status === 'failed') return;
      await this.delete();
    } catch (error) {
      if (!(error instanceof NotFound)) throw new SessionLeft(this, error);
    } finally {
      this.#letGo?.();
      this.#letGo = null;
    }
  }

  #take(record: SessionRecord): this {
    return takeOver(this, record);
  }
}
