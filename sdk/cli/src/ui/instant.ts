import { usageError } from '../errors.ts';
import { parseDuration } from './duration.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * The instant that a person typed as a day, an instant or a duration ago. A day begins in UTC; an instant without a zone is
 * one of this machine's own. @throws CliError usage
 */
export const instantOf = (text: string, now: number): string => {
  const at = new Date(millisecondsOf(text, now));
  if (Number.isNaN(at.getTime()))
    throw usageError(`"${text}" is not a time.`, 'Times look like 2026-11-01, 2026-11-01T12:00:00Z or 7d.');
  return at.toISOString();
};

/** NaN where it is none. */
const millisecondsOf = (text: string, now: number): number => {
  if (/^\d+(\.\d+)?[smhd]/i.test(text)) return now - parseDuration(text) * 1000;
  if (DAY.test(text)) return isDay(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return INSTANT.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
};

/** JavaScript reads 30 February as 2 March. */
const isDay = (day: string): boolean => {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
};
