import { OutputGap } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import type { SessionKit } from '../resources/sessions.ts';
import type { Exec, SignalName } from '../types.ts';
import { toBase64 } from './base64.ts';
import type { OutputChunk } from './output-event.ts';
import { returncodeOf } from './returncode.ts';

/** A command that was started. Going through it gives its output; it runs on whether anybody reads or not. */
export class Process implements AsyncIterable<OutputChunk> {
  readonly exec_id: string;
  readonly session_id: string;
  readonly #kit: SessionKit;
  #exec: Exec;
  #offset: number;
  #stdinOffset: number;

  constructor(kit: SessionKit, exec: Exec, from = 0) {
    this.#kit = kit;
    this.#exec = exec;
    this.exec_id = exec.exec_id;
    this.session_id = exec.session_id;
    this.#offset = from;
    this.#stdinOffset = exec.stdin_offset;
  }

  /** Its record as last seen. */
  get exec(): Exec {
    return this.#exec;
  }

  /** How it ended, as a shell gives it: 124 at its timeout, 128 + n by a signal; null while it runs, as last seen. */
  get returncode(): number | null {
    return returncodeOf(this.#exec);
  }

  /** Offset in bytes from which reading goes on. */
  get offset(): number {
    return this.#offset;
  }

  /** Its output as it comes, to its end; a second time goes on where the first was left. @throws OutputGap */
  [Symbol.asyncIterator](): AsyncGenerator<OutputChunk, void, undefined> {
    return this.output();
  }

  /** The same, with a signal that ends the reading. @throws OutputGap where output was dropped before it was read */
  async *output(options: CallOptions = {}): AsyncGenerator<OutputChunk, void, undefined> {
    const events = this.#kit.execs.output(this.session_id, this.exec_id, { ...options, from: this.#offset });
    for await (const event of events) {
      if (event.type === 'exit') {
        this.#exec = event.exec;
        return;
      }
      if (event.type === 'gap') throw new OutputGap(event.from, event.to);
      this.#offset = event.seq + event.data.length;
      yield event;
    }
  }

  /** Waits for its end, without reading its output. @returns its return code */
  async wait(options: CallOptions = {}): Promise<number> {
    for (let code = this.returncode; ; code = this.returncode) {
      if (code !== null) return code;
      await this.refresh(options);
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
  async write(data: string | Uint8Array, options: CallOptions = {}): Promise<void> {
    await this.#input(data, false, options);
  }

  /** Closes its stdin: it reads to the end of what was written. */
  async closeStdin(options: CallOptions = {}): Promise<void> {
    await this.#input('', true, options);
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
    return new Process(this.#kit, this.#exec, from);
  }

  async #input(data: string | Uint8Array, eof: boolean, options: CallOptions): Promise<void> {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    const body = { offset: this.#stdinOffset, data: toBase64(bytes), encoding: 'base64', eof } as const;
    this.#stdinOffset += bytes.length;
    await this.#kit.execs.stdin(this.session_id, this.exec_id, body, options);
  }
}
