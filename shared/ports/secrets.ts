/**
 * Encrypts values that must never be readable in the store (AES-256-GCM, with a keyring of named keys). The associated
 * data binds a sealed text to its tenant and session: with other data it can't be opened.
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
