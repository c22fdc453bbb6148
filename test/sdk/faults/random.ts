/** Numbers that one seed makes again, the same every time. */
export interface Random {
  /** From 0 (included) to 1 (excluded). */
  share(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** Whether something of this probability happens. */
  happens(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** A 32-bit hash of a text, by FNV-1a. */
const hash = (text: string): number => {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(text)) state = Math.imul(state ^ byte, 0x01000193);
  return state >>> 0;
};

/** A stream of its own for each name under a seed: what is drawn from one does not move another. Mulberry32. */
export const randomOf = (seed: number, name = ''): Random => {
  let state = (seed ^ hash(name)) >>> 0;
  const share = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number): number => least + Math.floor(share() * (most - least + 1));
  return {
    share,
    whole,
    happens: (probability) => share() < probability,
    pick: <T>(list: readonly T[]): T => {
      const found = list[whole(0, list.length - 1)];
      if (found === undefined) throw new Error('there is nothing to pick from');
      return found;
    },
  };
};

/** `ONMEMOS_TEST_SEED`, where a run is to be made again, else a new one. */
export const seedOfRun = (): number =>
  Number(process.env['ONMEMOS_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31)) >>> 0;
