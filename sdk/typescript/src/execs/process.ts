import { Conflict, OutputGap, SessionNotRunning } from '../errors.ts';
import type { ExecKit } from '../kit.ts';
import type { CallOptions } from '../options.ts';
import { INSPECT } from '../shown.ts';
import type { Exec, SignalName } from '../types.ts';
import { attachOutput } from './attach.ts';
import { Link } from './link.ts';
import type { OutputChunk, OutputEvent } from './output-event.ts';
import { refuseLost, returncodeOf } from './returncode.ts';
import { StdinWriter } from './stdin-writer.ts';

/** A name for a reader that a command waits for; each is unique. */
export const readerName = (): string => `reader-${crypto.randomUUID()}`;

/** Options of a {@link Process}. */
export interface ProcessOptions {
  /** Offset in bytes from which the output is read (default: 0). */
  readonly from?: number | undefined;
  /**
   * Leave out what was read from the command before this instant (ISO 8601, such as `2026-11-22T18:00:00Z`). With `from`
   * too, reading begins at the later of the two. Not together with `hold`.
   */
  readonly since?: string | undefined;
  /** The name of this reader. A command that was started with `hold` waits for it. */
  readonly hold?: string | undefined;
  /** Read and write over one WebSocket (default: false; always true for a terminal). */
  readonly interactive?: boolean | undefined;
}

/**
 * A command that was started. Iterating returns its output. The command keeps running if its output is not read.
 * Broken connections are resumed at the offsets of output and input, so no byte is lost or repeated.
 */
export class Process implements AsyncIterable<OutputChunk> {
  /** Id of the command, unique in its session. */
  readonly exec_id: string;
  /** Id of the session. */
  readonly session_id: string;
  readonly #kit: ExecKit;
  #exec: Exec;
  #offset: number;
  readonly #interactive: boolean;
  readonly #hold: string | undefined;
  /** Where reading begins, until something was received; then the offset says where. */
  #since: string | undefined;
  readonly #link = new Link();
  readonly #stdin: StdinWriter;

  /**
   * For {@link Session.start} and {@link Session.process}. `stdin`: the writer of another object of the same command.
   */
  constructor(kit: ExecKit, exec: Exec, options: ProcessOptions = {}, stdin = new StdinWriter(kit.execs, exec)) {
    this.#kit = kit;
    this.#exec = exec;
    this.exec_id = exec.exec_id;
    this.session_id = exec.session_id;
    this.#offset = options.from ?? 0;
    this.#interactive = options.interactive === true || exec.tty;
    this.#hold = options.hold;
    this.#since = options.since;
    this.#stdin = stdin;
  }

  /** The last known record of the command. */
  get exec(): Exec {
    return this.#exec;
  }

  /**
   * Exit code; 124 at the timeout, 128 + n if signal n ended it. Null while it runs, as last known, and if it is lost.
   */
  get returncode(): number | null {
    return returncodeOf(this.#exec);
  }

  /** Offset in bytes of the next output. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * The output until the command ends. A second iteration continues where the first one stopped. For a second reader at
   * the same time use {@link reattach}.
   * @throws OutputGap if output was dropped before it was read
   */
  [Symbol.asyncIterator](): AsyncGenerator<OutputChunk, void, undefined> {
    return this.output();
  }

  /** The same, with an abort signal that stops reading. @throws OutputGap if output was dropped before it was read */
  async *output(options: CallOptions = {}): AsyncGenerator<OutputChunk, void, undefined> {
    for await (const event of this.#events(options)) {
      if (event.type === 'exit') {
        this.#exec = event.exec;
        return;
      }
      if (event.type === 'gap') throw new OutputGap(event.from, event.to);
      this.#offset = event.end;
      this.#since = undefined;
      yield event;
    }
  }

  /**
   * Waits until the command has ended, without reading its output.
   * @returns its return code
   * @throws Conflict if it is lost
   */
  async wait(options: CallOptions = {}): Promise<number> {
    const call = { ...options, maxRetries: this.#kit.transport.retriesAfterACut(options) };
    for (let code = this.returncode; ; code = this.returncode) {
      if (code !== null) return code;
      await this.refresh(call);
      refuseLost(this.#exec);
      if (this.#exec.status !== 'running') continue;
      const from = this.#exec.next_offset;
      for await (const event of this.#kit.execs.output(this.session_id, this.exec_id, { ...options, from })) {
        if (event.type === 'exit') this.#exec = event.exec;
      }
    }
  }

  /** Reads the record of the command again. @throws ExecNotFound */
  async refresh(options: CallOptions = {}): Promise<this> {
    this.#exec = await this.#kit.execs.get(this.session_id, this.exec_id, options);
    return this;
  }

  /**
   * Writes to stdin. Resolves when all bytes are accepted.
   * @throws Conflict if stdin is closed or the command has ended
   */
  write(data: string | Uint8Array, options: CallOptions = {}): Promise<void> {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    return bytes.length === 0 ? Promise.resolve() : this.#stdin.write(bytes, false, this.#link, options);
  }

  /** Closes stdin after the bytes that were written; on a terminal it sends end of transmission. It may be repeated. */
  async closeStdin(options: CallOptions = {}): Promise<void> {
    try {
      await this.#stdin.write(new Uint8Array(0), true, this.#link, options);
    } catch (error) {
      // A command that has ended, or whose stdin is closed, reads no more, as requested.
      if (!(error instanceof Conflict) || error instanceof SessionNotRunning) throw error;
    }
  }

  /** Sets the size of the terminal, in characters. If no output is being read, it takes effect at the next read. */
  resize(cols: number, rows: number): void {
    this.#link.resize(cols, rows);
  }

  /** Sends a signal to the process group of the command. @throws Conflict if it has ended */
  async signal(name: SignalName, options: CallOptions = {}): Promise<void> {
    this.#exec = await this.#kit.execs.signal(this.session_id, this.exec_id, name, options);
  }

  /** Kills the process group of the command (KILL). If the command has ended, it does nothing. */
  async kill(options: CallOptions = {}): Promise<void> {
    this.#exec = await this.#kit.execs.kill(this.session_id, this.exec_id, options);
  }

  /**
   * A second reader of the same command. It begins where this one is, unless it is told where: at an offset in bytes,
   * such as the end of an {@link OutputGap}, or at an instant `since` (see {@link ProcessOptions}).
   */
  reattach(from?: number, { since }: Pick<ProcessOptions, 'since'> = {}): Process {
    const interactive = this.#interactive;
    // A command waits for readers from the beginning alone.
    if (since !== undefined) return this.#reader({ from, since, interactive });
    if (from !== undefined) return this.#reader({ from, interactive, hold: this.#hold });
    return this.#reader({ from: this.#offset, since: this.#since, interactive, hold: this.#hold });
  }

  #reader(options: ProcessOptions): Process {
    return new Process(this.#kit, this.#exec, options, this.#stdin);
  }

  /** How consoles show it: `exec` has all fields. */
  [INSPECT](): string {
    const code = this.returncode;
    return `<Process ${this.exec_id} ${this.#exec.status}${code === null ? '' : `, ${code}`}>`;
  }

  async *#events(options: CallOptions): AsyncGenerator<OutputEvent, void, undefined> {
    const { session_id, exec_id } = this;
    const { execs } = this.#kit;
    const reading = { ...options, from: this.#offset, hold: this.#hold };
    if (!this.#interactive) return yield* execs.output(session_id, exec_id, { ...reading, since: this.#since });
    // A WebSocket is opened at an offset.
    const begin = this.#since === undefined ? 0 : await execs.offsetAt(session_id, exec_id, this.#since, options);
    const from = Math.max(this.#offset, begin);
    yield* attachOutput(this.#kit, this.#exec, this.#link, { ...reading, from });
  }
}
