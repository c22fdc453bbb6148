import type { Writable } from 'node:stream';
import { MAX_WAITING_STDIN_BYTES } from '#platform/protocol/bounds.ts';
import { ExecError } from '#ports/exec.ts';

/** What a terminal takes as the end of input (VEOF). */
const END_OF_TRANSMISSION = Buffer.from([4]);

/** Takes stdin by offset: each byte once, whatever is sent again. */
export class StdinGate {
  readonly #target: Writable | null;
  readonly #tty: boolean;
  #offset = 0;
  #closed: 'stdin_closed' | 'ended' | null = null;
  readonly #waiters = new Set<() => void>();

  /** `target` is null where the exec has no stdin. */
  constructor(target: Writable | null, tty: boolean) {
    this.#target = target;
    this.#tty = tty;
    if (!target) this.#closed = 'stdin_closed';
    target?.on('error', () => this.#close('stdin_closed'));
    target?.on('close', () => this.#close('stdin_closed'));
    target?.on('drain', () => this.#wake());
  }

  get offset(): number {
    return this.#offset;
  }

  /** @returns the next offset. @throws ExecError `stdin_gap`, `stdin_closed`, `ended` */
  async accept(offset: number, data: Uint8Array, eof: boolean): Promise<number> {
    for (;;) {
      if (offset > this.#offset) {
        throw new ExecError(
          'stdin_gap',
          `stdin was taken up to ${this.#offset}, ${offset} leaves a gap; continue at ${this.#offset}`,
        );
      }
      const fresh = data.subarray(Math.min(this.#offset - offset, data.byteLength));
      if (fresh.byteLength === 0 && (!eof || this.#closed === 'stdin_closed')) return this.#offset;
      if (this.#closed || !this.#target) throw this.#refusal();
      if (this.#target.writableLength < MAX_WAITING_STDIN_BYTES) {
        this.#write(this.#target, fresh, eof);
        return this.#offset;
      }
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  /** The exec has ended: what waits is refused. */
  end(): void {
    this.#close('ended');
    this.#target?.destroy();
  }

  #write(target: Writable, fresh: Uint8Array, eof: boolean): void {
    this.#offset += fresh.byteLength;
    if (fresh.byteLength > 0) target.write(fresh);
    if (!eof) return;
    this.#close('stdin_closed');
    // Closing a terminal's master would hang the command up.
    if (this.#tty) target.write(END_OF_TRANSMISSION);
    else target.end();
  }

  #refusal(): ExecError {
    return this.#closed === 'ended'
      ? new ExecError('ended', 'the command has ended')
      : new ExecError('stdin_closed', 'the stdin of the command is closed');
  }

  #close(why: 'stdin_closed' | 'ended'): void {
    this.#closed ??= why;
    this.#wake();
  }

  #wake(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const resolve of waiters) resolve();
  }
}
