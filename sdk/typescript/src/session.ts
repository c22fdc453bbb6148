import { NotFound, SessionLeft } from './errors.ts';
import { Process, type ProcessOptions } from './execs/process.ts';
import { type RunOptions, type RunResult, runCommand } from './execs/run.ts';
import { Shell } from './execs/shell.ts';
import type { SessionKit } from './kit.ts';
import type { CallOptions, WaitOptions } from './options.ts';
import type { Listing, PageOptions } from './pages.ts';
import type { AuditEvent, ExecStart, SessionCost, SessionRecord, Usage } from './types.ts';

/** What is started: a command line for /bin/sh -c, or a program with its arguments. */
export type Command = string | readonly string[];
/** How a command is started, beside the command itself. */
export type StartOptions = Omit<ExecStart, 'command' | 'argv'> & CallOptions;

/** Takes the fields of a record over, but for such of a later server as are methods here. */
const takeOver = <T extends object>(session: T, record: SessionRecord): T => {
  const methods: object = Object.getPrototypeOf(session);
  return Object.assign(session, Object.fromEntries(Object.entries(record).filter(([name]) => !(name in methods))));
};

/** The fields of the wire, each a property of the session. */
const SessionFields = class {
  constructor(record: SessionRecord) {
    takeOver(this, record);
  }
} as new (
  record: SessionRecord,
) => SessionRecord;

/**
 * A session: its record as the server answered it, and what can be done with it.
 * `await using session = await client.sessions.create(…)` ends it with the block.
 */
export class Session extends SessionFields implements AsyncDisposable {
  readonly #kit: SessionKit;

  constructor(kit: SessionKit, record: SessionRecord) {
    super(record);
    this.#kit = kit;
  }

  /**
   * Runs a command to its end, at most `timeout` seconds (to the session's end when left out).
   * @throws CommandFailed, CommandTimeout with `check`; SessionNotRunning, Invalid
   */
  run(command: Command, options: RunOptions = {}): Promise<RunResult> {
    return runCommand(this.#kit, this.id, command, options);
  }

  /**
   * Starts a command and answers it as a {@link Process} at once. `stdin: true` keeps its input open, `tty` gives it a
   * terminal. It runs to the session's end unless `timeout` (seconds) is given.
   * @throws SessionNotRunning, Invalid
   */
  async start(command: Command, options: StartOptions = {}): Promise<Process> {
    const { signal, timeoutMs, maxRetries, idempotencyKey, ...body } = options;
    const what = typeof command === 'string' ? { command } : { argv: [...command] };
    const call = { signal, timeoutMs, maxRetries, idempotencyKey };
    const exec = await this.#kit.execs.start(this.id, { ...what, ...body }, call);
    return new Process(this.#kit, exec, { interactive: body.stdin });
  }

  /** A command that was started before, its output from offset `from` on. @throws ExecNotFound */
  async process(exec_id: string, options: ProcessOptions & CallOptions = {}): Promise<Process> {
    return new Process(this.#kit, await this.#kit.execs.get(this.id, exec_id, options), options);
  }

  /** A terminal over a WebSocket. @throws SessionNotRunning, ConnectionFailed */
  shell(options: CallOptions = {}): Promise<Shell> {
    return Shell.open(this.#kit.transport, this.id, options);
  }

  /** What it uses, measured now. @throws SessionNotRunning */
  usage(options: CallOptions = {}): Promise<Usage> {
    return this.#kit.sessions.usage(this.id, options);
  }

  /** What it has cost so far, and its rate per hour. */
  cost(options: CallOptions = {}): Promise<SessionCost> {
    return this.#kit.sessions.cost(this.id, options);
  }

  /** What happened to it, in order. */
  events(options: PageOptions = {}): Listing<AuditEvent> {
    return this.#kit.sessions.events(this.id, options);
  }

  /** Sets its end to `minutes` from now. @throws Conflict past the longest life, BudgetExceeded */
  async extend(minutes: number, options: CallOptions = {}): Promise<this> {
    return this.#take(await this.#kit.sessions.update(this.id, { ttl_minutes: minutes }, options));
  }

  /** Reads its record again. @throws SessionNotFound */
  async refresh(options: CallOptions = {}): Promise<this> {
    return this.#take(await this.#kit.sessions.get(this.id, options));
  }

  /** Ends it and waits until its resources are gone, 20 s unless `wait` says otherwise. Twice is fine. */
  async delete(options: WaitOptions = {}): Promise<this> {
    return this.#take(await this.#kit.sessions.delete(this.id, options));
  }

  /** Ends it with its block. @throws SessionLeft, which says when it ends by itself, where it could not be ended */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.status === 'terminated' || this.status === 'failed') return;
    try {
      await this.delete();
    } catch (error) {
      if (!(error instanceof NotFound)) throw new SessionLeft(this, error);
    }
  }

  #take(record: SessionRecord): this {
    return takeOver(this, record);
  }
}
