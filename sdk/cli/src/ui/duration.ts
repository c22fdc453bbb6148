import { usageError } from '../errors.ts';
import { note } from './output.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Seconds of a duration as people write it: `90m`, `1h30m`, `2d`, `45s`. A bare number counts in `bare` units.
 * @throws CliError usage
 */
export const parseDuration = (text: string, bare: 's' | 'm' = 'm'): number => {
  const given = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(given)) return Number(given) * (UNIT_SECONDS[bare] ?? 1);
  if (!/^(\d+(\.\d+)?[smhd])+$/.test(given)) {
    throw usageError(`"${text}" is not a duration.`, 'Durations look like 45s, 90m, 1h30m or 2d.');
  }
  return [...given.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNIT_SECONDS[unit ?? 's'] ?? 1),
    0,
  );
};

/** Whole minutes, rounded up: what a time to live is counted in. That is said, because it costs more. @throws CliError usage */
export const parseMinutes = (text: string): number => {
  const seconds = parseDuration(text);
  if (seconds < 60)
    throw usageError(`"${text}" is too short for a time to live.`, 'It is 1m at the least; a bare number is minutes.');
  const minutes = Math.ceil(seconds / 60);
  if (minutes * 60 !== seconds)
    note(`onmemos: ${text} counts as ${formatDuration(minutes * 60)}: a time to live is whole minutes.`);
  return minutes;
};

/** The two largest units of it: `1h30m`, `2m05s`, `4s`, `0.3s`. */
export const formatDuration = (seconds: number): string => {
  if (seconds < 0) return `-${formatDuration(-seconds)}`;
  if (seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const [d, h, m, s] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (d > 0) return h > 0 ? `${d}d${h}h` : `${d}d`;
  if (h > 0) return m > 0 ? `${h}h${two(m)}m` : `${h}h`;
  if (m > 0) return s > 0 ? `${m}m${two(s)}s` : `${m}m`;
  return `${s}s`;
};

/** The shortest time between two measurements: each is a call of the server. */
const LEAST_SECONDS = 0.1;

/** How often something is done again. @throws CliError usage */
export const parseEvery = (text: string): number => {
  const seconds = parseDuration(text, 's');
  if (seconds < LEAST_SECONDS)
    throw usageError(`--every ${text} is too often.`, `It is ${LEAST_SECONDS}s at the least.`);
  return seconds;
};
