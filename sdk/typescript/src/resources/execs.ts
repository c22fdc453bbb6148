import { type OwnId, ownCommand } from '../ending/commands.ts';
import { followOutput } from '../execs/follow.ts';
import { execPath } from '../execs/open-output.ts';
import type { OutputEvent } from '../execs/output-event.ts';
import { namingWhatGoesOn } from '../execs/goes-on.ts';
import { offsetSince, type RawLog, rawLog } from '../execs/raw-log.ts';
import type { CallOptions, OutputOptions } from '../options.ts';
import { type Listing, listing, type PageOptions } from '../pages.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { Exec, Execute, ExecStart, ExecuteResult, Job, SignalName, Stdin, StdinResult } from '../types.ts';

/** Default timeout of a command, in seconds. */
const DEFAULT_TIMEOUT_S = 120;
/** A command that has timed out is first asked to end, then killed. */
const GRACE_S = 10;

/** Commands in sessions. */
export class Execs {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Runs a command with /bin/sh -c and returns its output when it has ended; with `async_execution` a {@link Job} at
   * once.
   * After a broken connection the call is repeated; the command runs once. If the call is aborted, the command is ended,
   * unless `exec_id` or an `idempotencyKey` was given. The timeout is in seconds (default: 120). A
   * command that it ends returns a result with `timed_out` and return code 124.
   * @throws SessionNotFound, SessionNotRunning, Invalid
   */
  execute(session_id: string, body: Execute & { async_execution: true }, options?: CallOptions): Promise<Job>;
  execute(session_id: string, body: Execute, options?: CallOptions): Promise<ExecuteResult>;
  execute(session_id: string, body: Execute, options: CallOptions = {}): Promise<ExecuteResult | Job> {
    const holdSeconds = body.async_execution ? 0 : (body.timeout ?? DEFAULT_TIMEOUT_S) + GRACE_S;
    const target = path`/v1/sessions/${session_id}/execute`;
    return this.#making(session_id, body, options, (named) =>
      this.#transport.json({ method: 'POST', path: target, body: named, holdSeconds, goesOn: true }, options),
    );
  }

  /**
   * Starts a command and returns at once. A second start with the same `exec_id` starts nothing and returns the first.
   * If the call is aborted, a command without an `exec_id` or `idempotencyKey` of yours is ended.
   * @throws SessionNotFound, SessionNotRunning, Invalid
   */
  start(session_id: string, body: ExecStart, options: CallOptions = {}): Promise<Exec> {
    const target = path`/v1/sessions/${session_id}/execs`;
    return this.#making(session_id, body, options, (named) =>
      this.#transport.json({ method: 'POST', path: target, body: named }, options),
    );
  }

  /** The commands of a session, oldest first. @throws SessionNotFound */
  list(session_id: string, options: PageOptions = {}): Listing<Exec> {
    return listing(this.#transport, path`/v1/sessions/${session_id}/execs`, {}, options);
  }

  /** The record of a command. @throws ExecNotFound */
  get(session_id: string, exec_id: string, options: CallOptions = {}): Promise<Exec> {
    return this.#transport.json({ method: 'GET', path: execPath({ session_id, exec_id }) }, options);
  }

  /** Kills the process group of a command. If the command has ended, it does nothing. @throws ExecNotFound */
  kill(session_id: string, exec_id: string, options: CallOptions = {}): Promise<Exec> {
    return this.#transport.json({ method: 'DELETE', path: execPath({ session_id, exec_id }) }, options);
  }

  /**
   * Output of a command from an offset until it ends. A broken connection is resumed at the offset. A `gap` event says
   * which bytes were dropped before they were read; with `since`, only of bytes that may be of this instant or later.
   * @throws ExecNotFound, SessionNotRunning if the session has ended, Invalid if the offset is after the end
   */
  output(
    session_id: string,
    exec_id: string,
    options: OutputOptions = {},
  ): AsyncGenerator<OutputEvent, void, undefined> {
    return followOutput(this.#transport, { session_id, exec_id }, options);
  }

  /**
   * The bytes of both streams in the order of the log, until the command ends. This is the fastest way to read much
   * output. With `since` it begins at the oldest byte kept, if bytes of this instant or later were dropped.
   * @throws ExecNotFound, SessionNotRunning, Invalid if the offset is after the end, OutputGap if bytes were dropped
   * before they were read
   */
  log(session_id: string, exec_id: string, options: OutputOptions = {}): RawLog {
    return rawLog(this.#transport, { session_id, exec_id }, options);
  }

  /**
   * Offset at which the kept output since an instant (ISO 8601) begins: the end of the output so far, if there is none.
   * @throws ExecNotFound, SessionNotRunning if the session has ended, Invalid
   */
  offsetAt(session_id: string, exec_id: string, since: string, options: CallOptions = {}): Promise<number> {
    return offsetSince(this.#transport, { session_id, exec_id }, since, options);
  }

  /**
   * Writes to stdin at an offset in bytes. Bytes that were accepted before are skipped.
   * @throws Conflict if stdin is closed
   */
  stdin(session_id: string, exec_id: string, body: Stdin, options: CallOptions = {}): Promise<StdinResult> {
    const target = `${execPath({ session_id, exec_id })}/stdin`;
    return this.#transport.json({ method: 'POST', path: target, body, goesOn: true }, options);
  }

  /** Sends a signal to the process group of a command. @throws ExecNotFound, Conflict if it has ended */
  signal(session_id: string, exec_id: string, signal: SignalName, options: CallOptions = {}): Promise<Exec> {
    const target = `${execPath({ session_id, exec_id })}/signal`;
    return this.#transport.json({ method: 'POST', path: target, body: { signal } }, options);
  }

  /** State and result of an asynchronous command. @throws ExecNotFound */
  job(session_id: string, job_id: string, options: CallOptions = {}): Promise<Job> {
    return this.#transport.json(
      { method: 'GET', path: path`/v1/sessions/${session_id}/jobs/${job_id}/status` },
      options,
    );
  }

  /** The call that starts a command, under an id that is chosen here unless the caller names the call. */
  #making<B extends OwnId, T>(
    session_id: string,
    body: B,
    options: CallOptions,
    call: (named: B) => Promise<T>,
  ): Promise<T> {
    const ref = { session_id, exec_id: body.exec_id ?? undefined };
    if (options.idempotencyKey !== undefined) return namingWhatGoesOn(ref, call(body));
    return ownCommand(this.#transport, session_id, body, options, (exec_id) =>
      namingWhatGoesOn({ session_id, exec_id }, call({ ...body, exec_id })),
    );
  }
}
