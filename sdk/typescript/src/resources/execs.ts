import { followOutput } from '../execs/follow.ts';
import type { ExecRef } from '../execs/open-output.ts';
import type { OutputEvent } from '../execs/output-event.ts';
import { type RawLog, rawLog } from '../execs/raw-log.ts';
import type { CallOptions } from '../options.ts';
import { type Listing, listing, type PageOptions } from '../pages.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { Exec, Execute, ExecStart, ExecuteResult, Job, SignalName, Stdin, StdinResult } from '../types.ts';

/** Where a read of output begins. */
export interface OutputOptions extends CallOptions {
  /** Offset in bytes, over both streams; 0 when left out. */
  readonly from?: number | undefined;
}

/** Seconds that a command may run when its caller says none. */
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
   * Runs a command by /bin/sh -c and answers its output when it has ended; with `async_execution` a {@link Job} at once.
   * A call that is cut off while the command runs is made again under its key and meets the same command.
   * A timeout of the command is an answer: `timed_out`, and 124 as return code.
   * @throws SessionNotFound, SessionNotRunning, Invalid
   */
  execute(session_id: string, body: Execute & { async_execution: true }, options?: CallOptions): Promise<Job>;
  execute(session_id: string, body: Execute, options?: CallOptions): Promise<ExecuteResult>;
  execute(session_id: string, body: Execute, options: CallOptions = {}): Promise<ExecuteResult | Job> {
    const holdSeconds = body.async_execution ? 0 : (body.timeout ?? DEFAULT_TIMEOUT_S) + GRACE_S;
    const target = path`/v1/sessions/${session_id}/execute`;
    return this.#transport.json({ method: 'POST', path: target, body, holdSeconds, goesOn: true }, options);
  }

  /**
   * Starts a command, which then runs by itself. With an `exec_id` of your own it is started once, however often asked.
   * @throws SessionNotFound, SessionNotRunning, Invalid
   */
  start(session_id: string, body: ExecStart, options: CallOptions = {}): Promise<Exec> {
    return this.#transport.json({ method: 'POST', path: path`/v1/sessions/${session_id}/execs`, body }, options);
  }

  /** The commands of a session, oldest first. @throws SessionNotFound */
  list(session_id: string, options: PageOptions = {}): Listing<Exec> {
    return listing(this.#transport, path`/v1/sessions/${session_id}/execs`, {}, options);
  }

  /** A command's state. @throws ExecNotFound */
  get(session_id: string, exec_id: string, options: CallOptions = {}): Promise<Exec> {
    return this.#transport.json({ method: 'GET', path: execPath({ session_id, exec_id }) }, options);
  }

  /** Kills a command and all that it started. One that has ended stays as it is. @throws ExecNotFound */
  kill(session_id: string, exec_id: string, options: CallOptions = {}): Promise<Exec> {
    return this.#transport.json({ method: 'DELETE', path: execPath({ session_id, exec_id }) }, options);
  }

  /**
   * A command's output as it comes, from any offset on, to its exit. Cuts are mended by the offset; what was dropped
   * before it was read is a `gap` event.
   * @throws ExecNotFound, SessionNotRunning once the session has ended and its logs with it, Invalid past the end
   */
  output(
    session_id: string,
    exec_id: string,
    options: OutputOptions = {},
  ): AsyncGenerator<OutputEvent, void, undefined> {
    return followOutput(this.#transport, { session_id, exec_id }, options.from ?? 0, options);
  }

  /**
   * The bytes of both streams as they lie in the log, to the exit: the fastest way to much output.
   * @throws ExecNotFound, SessionNotRunning, Invalid past the end; OutputGap where bytes were dropped before they were read
   */
  log(session_id: string, exec_id: string, options: OutputOptions = {}): RawLog {
    return rawLog(this.#transport, { session_id, exec_id }, options.from ?? 0, options);
  }

  /** Writes to a command's stdin: bytes before the accepted offset are passed over. @throws Conflict once it is closed */
  stdin(session_id: string, exec_id: string, body: Stdin, options: CallOptions = {}): Promise<StdinResult> {
    const target = `${execPath({ session_id, exec_id })}/stdin`;
    return this.#transport.json({ method: 'POST', path: target, body, goesOn: true }, options);
  }

  /** Sends a signal to a command and all that it started. @throws ExecNotFound, Conflict once it has ended */
  signal(session_id: string, exec_id: string, signal: SignalName, options: CallOptions = {}): Promise<Exec> {
    const target = `${execPath({ session_id, exec_id })}/signal`;
    return this.#transport.json({ method: 'POST', path: target, body: { signal } }, options);
  }

  /** The state of an asynchronous command as older clients see it. @throws ExecNotFound */
  job(session_id: string, job_id: string, options: CallOptions = {}): Promise<Job> {
    return this.#transport.json(
      { method: 'GET', path: path`/v1/sessions/${session_id}/jobs/${job_id}/status` },
      options,
    );
  }
}

const execPath = ({ session_id, exec_id }: ExecRef): string => path`/v1/sessions/${session_id}/execs/${exec_id}`;
