import { Duplex, type Readable, type Writable } from 'node:stream';

/** Two pipes as one stream. The types of `Duplex.from` do not know pairs of Node's own streams. */
export const joined = (readable: Readable, writable: Writable): Duplex =>
  Duplex.from({ readable, writable } as unknown as Iterable<never>);
