import { usageError } from '../errors.ts';
import { note } from './output.ts';

const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
  ti: 1024 ** 4,
};

/** Bytes of a size as people write it: `2Gi`, `512Mi`, `10G`, `10GB`, `1.5T`. @throws CliError usage */
export const parseSize = (text: string): number => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text.trim()) ?? [];
  const factor = FACTORS[(unit ?? '').toLowerCase()];
  if (amount === undefined || factor === undefined) {
    throw usageError(`"${text}" is not a size.`, 'Sizes look like 512Mi, 2Gi or 10G.');
  }
  return Number(amount) * factor;
};

/**
 * Whole gigabytes, rounded up, as storage is asked for: 10, 10G and 10Gi all ask for ten. Where it is rounded, that is said,
 * because it costs more. @throws CliError usage
 */
export const parseGigabytes = (text: string): number => {
  const [, plain] = /^(\d+(?:\.\d+)?)\s*(?:gi?b?)?$/i.exec(text.trim()) ?? [];
  const exact = plain === undefined ? parseSize(text) / 1024 ** 3 : Number(plain);
  const gigabytes = Math.ceil(exact);
  if (gigabytes === 0) throw usageError(`"${text}" is no size for storage.`, 'It is 1Gi at the least.');
  if (gigabytes !== exact) note(`onmemos: ${text} counts as ${gigabytes}Gi: storage is whole gigabytes.`);
  return gigabytes;
};

const UNITS = ['B', 'Ki', 'Mi', 'Gi', 'Ti'] as const;

/** A size in the unit that reads best: `0B`, `512Mi`, `1.5Gi`. */
export const formatSize = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  const digits = Number.isInteger(value) || value >= 100 || power === 0 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, '')}${UNITS[power]}`;
};

export const formatMegabytes = (megabytes: number): string => formatSize(megabytes * 1024 ** 2);
export const formatGigabytes = (gigabytes: number): string => formatSize(gigabytes * 1024 ** 3);
