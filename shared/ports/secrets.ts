/**
 * Sealing of what must never be readable in the store (AES-256-GCM by a keyring of named keys).
 * The associated data binds a sealed text to its tenant and session: it opens nowhere else.
 */
export interface Secrets {
  /** A printable text that carries the name of the key that sealed it. */
  seal(plain: Uint8Array, associated: SealContext): Promise<string>;
  /** @throws Error when the text was altered, belongs to another context or its key is not in the ring. */
  open(sealed: string, associated: SealContext): Promise<Uint8Array>;
}

export interface SealContext {
  readonly tenant: string;
  readonly session: string;
}
