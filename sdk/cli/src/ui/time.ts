import { formatDuration } from './duration.ts';

/** The time since or until an instant of the API: `4m ago`, `in 1h`. */
export const relative = (instant: string | null, now: number = Date.now()): string => {
  if (instant === null) return '';
  const seconds = (Date.parse(instant) - now) / 1000;
  const size = roughly(Math.abs(seconds));
  return seconds < 0 ? `${size} ago` : `in ${size}`;
};

/** Below an hour one unit, above it two. */
const roughly = (seconds: number): string => {
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return formatDuration(seconds < 86_400 ? Math.floor(seconds / 60) * 60 : Math.floor(seconds / 3600) * 3600);
};

/** An instant in the person's own time zone, to the second. */
export const local = (instant: string): string => {
  const at = new Date(instant);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};
