/** CPU in thousandths of a core and memory in MiB: the units of everything below the wire. */
export const CPU_SIZES = { micro: 250, small: 500, medium: 1000, large: 2000, xlarge: 4000, xxlarge: 8000 } as const;
export const MEMORY_SIZES = {
  micro: 512,
  small: 1024,
  medium: 2048,
  large: 4096,
  xlarge: 8192,
  xxlarge: 16_384,
  xxxlarge: 32_768,
} as const;

export interface Size {
  readonly cpu_millis: number;
  readonly memory_mb: number;
}

/** A tier is the CPU size and the memory size of its name. */
export const TIERS: Readonly<Record<'small' | 'medium' | 'large' | 'xlarge', Size>> = {
  small: { cpu_millis: CPU_SIZES.small, memory_mb: MEMORY_SIZES.small },
  medium: { cpu_millis: CPU_SIZES.medium, memory_mb: MEMORY_SIZES.medium },
  large: { cpu_millis: CPU_SIZES.large, memory_mb: MEMORY_SIZES.large },
  xlarge: { cpu_millis: CPU_SIZES.xlarge, memory_mb: MEMORY_SIZES.xlarge },
};

/** A parsed quantity, or a clause that says what is wrong with it. The clause follows the field's name. */
export type Parsed = { readonly ok: true; readonly value: number } | { readonly ok: false; readonly message: string };

/** More than any machine has: a larger number is a typing mistake. */
const MAX_CPU_MILLIS = 1_000_000n;
const MAX_MEMORY_MIB = 16_777_216n;
const MIB = 1_048_576n;

/** Suffixes of Kubernetes quantities as fractions [numerator, denominator]. */
const SUFFIXES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  n: [1n, 1_000_000_000n],
  u: [1n, 1_000_000n],
  m: [1n, 1000n],
  '': [1n, 1n],
  k: [1000n, 1n],
  M: [1000n ** 2n, 1n],
  G: [1000n ** 3n, 1n],
  T: [1000n ** 4n, 1n],
  P: [1000n ** 5n, 1n],
  E: [1000n ** 6n, 1n],
  Ki: [1024n, 1n],
  Mi: [1024n ** 2n, 1n],
  Gi: [1024n ** 3n, 1n],
  Ti: [1024n ** 4n, 1n],
  Pi: [1024n ** 5n, 1n],
  Ei: [1024n ** 6n, 1n],
};

const QUANTITY = /^(\d{1,18})(?:\.(\d{0,18}))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/;

/** The exact value as a fraction; null if the text is not a quantity. A size has no sign. */
const parseQuantity = (text: string): readonly [bigint, bigint] | null => {
  const match = QUANTITY.exec(text);
  if (match === null) return null;
  const [, whole = '', decimals = '', suffix = '', exponent = '0'] = match;
  const scale = SUFFIXES[suffix];
  if (scale === undefined) return null;
  const power = 10n ** BigInt(Math.abs(Number(exponent)));
  const [up, down] = Number(exponent) < 0 ? [1n, power] : [power, 1n];
  return [BigInt(whole + decimals) * scale[0] * up, 10n ** BigInt(decimals.length) * scale[1] * down];
};

const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
const wrong = (message: string): Parsed => ({ ok: false, message });

/** "1.5", "250m", "2" to millis; a fraction of a milli counts as a whole one, as in Kubernetes. */
export const parseCpu = (text: string): Parsed => {
  const quantity = parseQuantity(text);
  if (quantity === null) return wrong(`"${text}" is not an amount of CPU; write cores such as "1.5" or "250m"`);
  const millis = ceilDiv(quantity[0] * 1000n, quantity[1]);
  if (millis === 0n) return wrong('must be more than no CPU at all');
  if (millis > MAX_CPU_MILLIS) return wrong(`"${text}" is more than ${MAX_CPU_MILLIS / 1000n} cores`);
  return { ok: true, value: Number(millis) };
};

/** "6Gi", "512Mi", "1000M" to MiB, rounded up. Without a suffix the number means bytes, as in Kubernetes. */
export const parseMemory = (text: string): Parsed => {
  const quantity = parseQuantity(text);
  if (quantity === null) return wrong(`"${text}" is not an amount of memory; write it such as "512Mi" or "6Gi"`);
  if (quantity[0] < quantity[1] * MIB) {
    return wrong(`"${text}" is less than 1Mi (a number alone means bytes); write it such as "512Mi" or "6Gi"`);
  }
  const mib = ceilDiv(quantity[0], quantity[1] * MIB);
  if (mib > MAX_MEMORY_MIB) return wrong(`"${text}" is more than ${MAX_MEMORY_MIB / 1_048_576n}Ti`);
  return { ok: true, value: Number(mib) };
};

/** 250 -> "250m", 1500 -> "1.5". */
export const formatCpu = (millis: number): string => (millis < 1000 ? `${millis}m` : String(millis / 1000));

/** 512 -> "512Mi", 6144 -> "6Gi". */
export const formatMemory = (mib: number): string => (mib % 1024 === 0 ? `${mib / 1024}Gi` : `${mib}Mi`);
