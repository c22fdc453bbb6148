import type { Fields } from './transcript.ts';

/** What patterns have remembered, by name. */
export type Memory = Map<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const patternOf = (value: Fields): readonly [string, unknown] | null => {
  const [entry, ...more] = Object.entries(value);
  return entry?.[0].startsWith('$') && more.length === 0 ? entry : null;
};

/** Why `found` is not what is expected; null where it is. Fields of an object that are not listed may be anything. */
export const mismatch = (expected: unknown, found: unknown, memory: Memory, path: string): string | null => {
  const wrong = (what: string): string => `${path} is ${JSON.stringify(found)}, and not ${what}`;
  if (Array.isArray(expected)) {
    if (!Array.isArray(found) || found.length !== expected.length) return wrong(`a list of ${expected.length}`);
    return first(expected.map((item, i) => mismatch(item, found[i], memory, `${path}[${i}]`)));
  }
  if (!isObject(expected)) return Object.is(expected, found) ? null : wrong(JSON.stringify(expected));
  const pattern = patternOf(expected);
  if (pattern) {
    const check = PATTERNS[pattern[0]];
    if (!check) throw new Error(`there is no pattern ${pattern[0]}`);
    return check(pattern[1], found, memory, path, wrong);
  }
  if (!isObject(found)) return wrong('an object');
  return first(
    Object.entries(expected).map(([name, value]) => mismatch(value, found[name], memory, `${path}.${name}`)),
  );
};

const first = (reasons: readonly (string | null)[]): string | null => reasons.find((reason) => reason !== null) ?? null;

type Pattern = (
  wanted: unknown,
  found: unknown,
  memory: Memory,
  path: string,
  wrong: (what: string) => string,
) => string | null;

const matches = (holds: boolean, reason: () => string): string | null => (holds ? null : reason());

const PATTERNS: Readonly<Record<string, Pattern>> = {
  $number: (wanted, found, _memory, _path, wrong) => {
    const [least, most] = wanted as readonly [number, number | null];
    const holds = typeof found === 'number' && found >= least && (most === null || found <= most);
    return matches(holds, () => wrong(`a number from ${least} to ${most ?? 'any'}`));
  },
  $text: (wanted, found, _memory, _path, wrong) =>
    matches(typeof found === 'string' && new RegExp(wanted as string).test(found), () =>
      wrong(`a text like ${wanted}`),
    ),
  $null_or: (wanted, found, memory, path) =>
    found === null || found === undefined ? null : mismatch(wanted, found, memory, path),
  $list: (wanted, found, memory, path, wrong) => {
    const { length, first: head, last } = wanted as { length: number; first: unknown; last: unknown };
    if (!Array.isArray(found) || found.length !== length) return wrong(`a list of ${length}`);
    return first([
      mismatch(head, found[0], memory, `${path}[0]`),
      mismatch(last, found.at(-1), memory, `${path}[${length - 1}]`),
    ]);
  },
  $save: (wanted, found, memory, _path, wrong) => {
    memory.set(wanted as string, found);
    return matches(found !== undefined, () => wrong('there'));
  },
  $same: (wanted, found, memory, _path, wrong) =>
    matches(Object.is(memory.get(wanted as string), found), () => wrong(JSON.stringify(memory.get(wanted as string)))),
};

/** A header to send, with what was remembered in the place of `$same`, and the time now in the place of `$now`. */
export const filled = (fields: Fields, memory: Memory): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, filledValue(value, memory)]));

const filledValue = (value: unknown, memory: Memory): unknown => {
  if (!isObject(value)) return value;
  const [name, wanted] = patternOf(value) ?? [];
  if (name === '$same') return memory.get(wanted as string);
  if (name === '$now') return Date.now() + (wanted as number);
  if (name === '$repeat') {
    const [text, times] = wanted as readonly [string, number];
    return text.repeat(times);
  }
  return filled(value, memory);
};
