import { createHash, randomBytes } from 'node:crypto';
import type { Ids } from '#ports/ids.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;

const encode = (value: bigint, chars: number): string => {
  let left = value;
  let text = '';
  for (let i = 0; i < chars; i++) {
    text = (ALPHABET[Number(left & 31n)] ?? '') + text;
    left >>= 5n;
  }
  return text;
};

const randomTail = (): bigint => BigInt(`0x${randomBytes(10).toString('hex')}`);

/**
 * Ids whose text order is the order of their making within this process: 48 bits of time, 80 bits of randomness
 * that counts up while the millisecond (or a clock that went back) stays the same.
 */
export const createIds = (now: () => number): Ids => {
  let lastMs = 0;
  let tail = 0n;
  const next = (prefix: string): string => {
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      tail = randomTail();
    } else {
      tail += 1n;
      if (tail >> 80n) {
        lastMs += 1;
        tail = randomTail();
      }
    }
    return `${prefix}-${encode(BigInt(lastMs), TIME_CHARS)}${encode(tail, RANDOM_CHARS)}`;
  };
  return { next, random: (bytes) => new Uint8Array(randomBytes(bytes)), fraction: () => Math.random() };
};

/** The same id each time it is asked for: it sorts at that instant, and the parts make it unique. */
export const idAt = (prefix: string, ms: number, ...parts: readonly string[]): string => {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
  return `${prefix}-${encode(BigInt(Math.max(0, Math.floor(ms))), TIME_CHARS)}${encode(BigInt(`0x${hash}`), RANDOM_CHARS)}`;
};

/** Ids from the machine's clock and its cryptographic random source. */
export const systemIds: Ids = createIds(() => Date.now());
