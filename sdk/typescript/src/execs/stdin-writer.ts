import type { CallOptions } from '../options.ts';
import type { Execs } from '../resources/execs.ts';
import type { Exec } from '../types.ts';
import { toBase64 } from './base64.ts';
import { DETACHED, type Link } from './link.ts';
import { orAborted } from './or-aborted.ts';

/** Pieces that one call carries well: as base64 in JSON they stay far below the largest body. */
const PIECE_BYTES = 1024 * 1024;

/**
 * A command's stdin. Bytes keep the offset that they were given when they were written: whatever is sent twice is
 * accepted once, and what was lost is never joined over.
 */
export class StdinWriter {
  readonly #execs: Execs;
  readonly #exec: Exec;
  #offset: number;
  /** The writes before: they go one after another, because they may take different ways. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(execs: Execs, exec: Exec) {
    this.#execs = execs;
    this.#exec = exec;
    this.#offset = exec.stdin_offset;
  }

  /**
   * Over the link while it is attached, else by calls of their own. An abort ends the waiting: the bytes may be taken yet.
   * @throws Conflict once it is closed or the command ended
   */
  write(bytes: Uint8Array, eof: boolean, link: Link, options: CallOptions): Promise<void> {
    const offset = this.#offset;
    this.#offset += bytes.length;
    const turn = this.#before.then(() => this.#send(offset, bytes, eof, link, options));
    this.#before = turn.catch(() => undefined);
    return orAborted(turn, options.signal);
  }

  async #send(offset: number, bytes: Uint8Array, eof: boolean, link: Link, options: CallOptions): Promise<void> {
    await link.sized();
    if (link.attached) {
      try {
        return await link.input(offset, bytes, eof);
      } catch (error) {
        if (error !== DETACHED) throw error;
      }
    }
    for (let at = 0; at === 0 || at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      const last = at + piece.length >= bytes.length;
      const body = { offset: offset + at, data: toBase64(piece), encoding: 'base64', eof: eof && last } as const;
      await this.#execs.stdin(this.#exec.session_id, this.#exec.exec_id, body, options);
    }
  }
}
