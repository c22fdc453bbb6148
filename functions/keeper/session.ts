import { DEADLINE_CHECK_MS, DEADLINE_GRACE_MS } from '#platform/protocol/bounds.ts';
import { type SteadyClock, steadyClock } from '#platform/steady.ts';
import type { Clock, Timer } from '#ports/clock.ts';
import { type Deadline, NOTHING_MEASURED, type Usage } from '#ports/exec.ts';
import type { Logger } from '#ports/logger.ts';
import { type SessionExecs, sessionExecs } from './exec/session-execs.ts';
import type { OpenFiles } from './open-files.ts';
import type { Sandbox, SandboxHost, SandboxSpec } from './sandbox/types.ts';
import { UsageMeter } from './usage-meter.ts';

const DESTROY_RETRY_MS = 1_000;

export interface SessionEnd {
  /** A status reason of the contract; null where it was asked for. */
  readonly reason: string | null;
  readonly message: string | null;
}

export interface SessionContext {
  readonly host: Pick<SandboxHost, 'create'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a command waits at a full log for a reader that is not there, milliseconds. */
  readonly hold_wait_ms: number;
  readonly files: OpenFiles;
  /** Called once, when the sandbox has started. The session runs as soon as this resolves; it ends if this fails. */
  readonly started: (session: Session, started_at: number) => Promise<void>;
  /** Called once, when nothing of the session is left. */
  readonly ended: (session: Session) => Promise<void>;
}

/** One live session: its sandbox, its execs and its deadline. */
export class Session {
  readonly spec: SandboxSpec;
  readonly created_at: number;
  readonly #context: SessionContext;
  readonly #log: Logger;
  /** Resolves when the sandbox runs. @throws what kept it from running */
  readonly started: Promise<void>;
  /** Resolves when nothing is left. */
  readonly ended: Promise<void>;
  readonly #over = Promise.withResolvers<void>();
  #sandbox: Sandbox | null = null;
  #running = false;
  #execs: SessionExecs | null = null;
  #meter: UsageMeter | null = null;
  readonly #steady: SteadyClock;
  #deadline: Deadline;
  /** By the steady clock: a wall clock that is set back must not give the session more time. */
  #due: number;
  #timer: Timer | null = null;
  #ending: SessionEnd | null = null;
  #grace_ms = 0;
  ended_at: number | null = null;

  constructor(spec: SandboxSpec, deadline: Deadline, context: SessionContext) {
    this.spec = spec;
    this.#context = context;
    this.#log = context.log.child({ key: spec.key, session_id: spec.session_id });
    this.created_at = context.clock.now();
    this.#steady = steadyClock(context.clock);
    this.#deadline = deadline;
    this.#due = this.#steady.dueAt(deadline.at);
    this.ended = this.#over.promise;
    this.started = this.#start();
    this.started.catch(() => {});
  }

  /** null before it runs. */
  get started_at(): number | null {
    return this.#running ? (this.#sandbox?.started_at ?? null) : null;
  }

  get end_cause(): SessionEnd | null {
    return this.#ending;
  }

  get details(): Readonly<Record<string, unknown>> {
    return this.#sandbox?.details ?? {};
  }

  /** null before it runs and once it is ending. */
  get execs(): SessionExecs | null {
    return this.#ending ? null : this.#execs;
  }

  /** Moves the end, unless a later generation has moved it already; what is past ends the session at once. */
  setDeadline(deadline: Deadline): void {
    if (deadline.generation < this.#deadline.generation) return;
    // The same deadline again is due when it was due before.
    if (deadline.at !== this.#deadline.at) this.#due = this.#steady.dueAt(deadline.at);
    this.#deadline = deadline;
    this.#watchDeadline();
  }

  /** Ends the session and resolves when nothing is left. A second call joins the first, and may shorten its grace. */
  end(end: SessionEnd, grace_ms: number): Promise<void> {
    if (this.#ending) {
      if (grace_ms < this.#grace_ms) this.#shortenGrace(grace_ms);
      return this.ended;
    }
    this.#ending = end;
    this.#grace_ms = grace_ms;
    this.#timer?.cancel();
    void this.#finish();
    return this.ended;
  }

  async usage(): Promise<Usage> {
    return this.#meter && this.ended_at === null ? this.#meter.measure() : NOTHING_MEASURED;
  }

  async #start(): Promise<void> {
    try {
      const sandbox = await this.#context.host.create(this.spec);
      this.#sandbox = sandbox;
      const { clock, hold_wait_ms, files } = this.#context;
      this.#meter = new UsageMeter(sandbox, clock);
      this.#execs = sessionExecs({
        sandbox,
        clock,
        hold_wait_ms,
        files,
        log: this.#log,
        deadline: async (moved) => this.setDeadline(moved),
        usage: () => this.usage(),
        ending: () => this.#ending !== null,
      });
      await this.#context.started(this, sandbox.started_at);
      this.#running = true;
      void sandbox.ended.then((end) => this.end(end, 0));
      this.#watchDeadline();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const failed = { reason: 'provider_failed', message };
      if (this.#sandbox) void this.end(failed, 0);
      else this.#ending ??= failed;
      this.#log.error({ error }, 'a sandbox could not be made');
      throw error;
    } finally {
      // Without a sandbox there is nothing to end: the session is over.
      if (!this.#sandbox) await this.#finished();
    }
  }

  #shortenGrace(grace_ms: number): void {
    this.#grace_ms = grace_ms;
    this.#sandbox
      ?.destroy(grace_ms)
      .catch((error: unknown) => this.#log.warn({ error }, 'a sandbox could not be ended sooner'));
  }

  #watchDeadline(): void {
    this.#timer?.cancel();
    if (this.#ending) return;
    const left = this.#due - this.#steady.now();
    if (left <= 0) void this.end({ reason: 'expired', message: null }, DEADLINE_GRACE_MS);
    // Checked repeatedly, because the wall clock may jump ahead.
    else this.#timer = this.#context.clock.timer(Math.min(left, DEADLINE_CHECK_MS), () => this.#watchDeadline());
  }

  async #finish(): Promise<void> {
    await this.started.catch(() => {});
    const sandbox = this.#sandbox;
    if (!sandbox) return;
    const { clock } = this.#context;
    for (;;) {
      try {
        await sandbox.destroy(this.#grace_ms);
        break;
      } catch (error) {
        this.#log.error({ error }, 'a sandbox could not be destroyed; it is tried again');
        await clock.sleep(DESTROY_RETRY_MS);
      }
    }
    await this.#execs?.end();
    await this.#finished();
  }

  async #finished(): Promise<void> {
    this.ended_at = this.#context.clock.now();
    try {
      await this.#context.ended(this);
    } finally {
      this.#over.resolve();
    }
  }
}
