import { Conflict, OutputGap, SessionNotRunning } from '../errors.ts';
import type { ExecKit } from '../kit.ts';
import type { CallOptions } from '../options.ts';
import type { Exec, SignalName } from '../types.ts';
import { attachOutput } from './attach.ts';
import { Link } from './link.ts';
import type { OutputChunk, OutputEvent } from './output-event.ts';
import { refuseLost, returncodeOf } from './returncode.ts';
import { StdinWriter } from './stdin-writer.ts';

/** How a {@link Process} is read and written to. */
export interface ProcessOptions {
  /** Offset in bytes from which its output is read; 0 when left out. */
  readonly from?: number | undefined;
  /** Reads over a WebSocket, which carries input the other way; what has a terminal is read so in any case. */
  readonly interactive?: boolean | undefined;
}

/**
 * A command that was started. Going through it gives its output; it runs on whether anybody reads or not. Reading and
 * writing mend cuts by their offsets: no byte comes twice, none is lost.
 */
export class Process implements AsyncIterable<OutputChunk> {
  /** Names the command within its session. */
  readonly exec_id: string;
  /** The session that it runs in. */
  readonly session_id: string;
  readonly #kit: ExecKit;
  #exec: Exec;
  #offset: number;
  readonly #interactive: boolean;
  readonly #link = new Link();
  readonly #stdin: StdinWriter;

  /** For {@link Session.start} and {@link Session.process}; `stdin` where another object has written to it before. */
  constructor(kit: ExecKit, exec: Exec, options: ProcessOptions = {}, stdin = new StdinWriter(kit.execs, exec)) {
    this.#kit = kit;
    this.#exec = exec;
    this.exec_id = exec.exec_id;
    this.session_id = exec.session_id;
    this.#offset = options.from ?? 0;
    this.#interactive = options.interactive === true || exec.tty;
    this.#stdin = stdin;
  }

  /** Its record as last seen. */
  get exec(): Exec {
    return this.#exec;
  }

  /** How it ended, as a shell gives it: 124 at its timeout, 128 + n by a signal; null while it runs, as last seen, and where it was lost. */
  get returncode(): number | null {
    return returncodeOf(this.#exec);
  }

  /** Offset in bytes from which reading goes on. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Its output as it comes, to its end; a second time goes on where the first was left. One reader at a time:
   * {@link reattach} makes another.
   * @throws OutputGap where output was dropped before it was read
   */
  [Symbol.asyncIterator](): AsyncGenerator<OutputChunk, void, undefined> {
    return this.output();
  }

  /** The same, with a signal that ends the reading. @throws OutputGap where output was dropped before it was read */
  async *output(options: CallOptions = {}): AsyncGenerator<OutputChunk, void, undefined> {
    for await (const event of this.#events(options)) {
      if (event.type === 'exit') {
        this.#exec = event.exec;
        return;
      }
      if (event.type === 'gap') throw new OutputGap(event.from, event.to);
      this.#offset = event.seq + event.data.length;
      yield event;
    }
  }

  /** Waits for its end, without reading its output. @returns its return code @throws Conflict where it was lost */
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

  /** Reads its record again. */
  async refresh(options: CallOptions = {}): Promise<this> {
    this.#exec = await this.#kit.execs.get(this.session_id, this.exec_id, options);
    return this;
  }

  /** Writes to its stdin; resolves when the command's side has taken it. @throws Conflict once its stdin is closed */
  write(data: string | Uint8Array, options: CallOptions = {}): Promise<void> {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    return bytes.length === 0 ? Promise.resolve() : this.#stdin.write(bytes, false, this.#link, options);
  }

  /** Closes its stdin behind all that was written; on a terminal it is an end of transmission. Twice is fine. */
  async closeStdin(options: CallOptions = {}): Promise<void> {
    try {
      await this.#stdin.write(new Uint8Array(0), true, this.#link, options);
    } catch (error) {
      // What has ended, or was closed, reads no more: that is what was asked for.
      if (!(error instanceof Conflict) || error instanceof SessionNotRunning) throw error;
    }
  }

  /** Sets the size of its terminal, in characters: at once while its output is read, else when it next is. */
  resize(cols: number, rows: number): void {
    this.#link.resize(cols, rows);
  }

  /** Sends a signal to it and all that it started. @throws Conflict once it has ended */
  async signal(name: SignalName, options: CallOptions = {}): Promise<void> {
    this.#exec = await this.#kit.execs.signal(this.session_id, this.exec_id, name, options);
  }

  /** Kills it and all that it started. */
  async kill(options: CallOptions = {}): Promise<void> {
    this.#exec = await this.#kit.execs.kill(this.session_id, this.exec_id, options);
  }

  /** The same command, read from another offset in bytes, such as behind an {@link OutputGap}. */
  reattach(from: number = this.#offset): Process {
    return new Process(this.#kit, this.#exec, { from, interactive: this.#interactive }, this.#stdin);
  }

  #events(options: CallOptions): AsyncGenerator<OutputEvent, void, undefined> {
    if (this.#interactive) return attachOutput(this.#kit, this.#exec, this.#offset, this.#link, options);
    return this.#kit.execs.output(this.session_id, this.exec_id, { ...options, from: this.#offset });
  }
}
