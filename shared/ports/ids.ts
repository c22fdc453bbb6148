/** Identity and randomness. Simulations replace it by a seeded source. */
export interface Ids {
  /** A new id `<prefix>-<26 characters>`, lower case, sortable by the time of its making. */
  next(prefix: string): string;
  /** Cryptographically random bytes. */
  random(bytes: number): Uint8Array;
  /** A fraction in [0, 1), for jitter only. */
  fraction(): number;
}
