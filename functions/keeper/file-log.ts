import { appendFileSync, renameSync, statSync } from 'node:fs';
import type { Clock } from '#ports/clock.ts';
import type { LogFields, Logger } from '#ports/logger.ts';
import { redact } from '#platform/redact.ts';

/** The log and its predecessor take twice this at most. */
const MAX_BYTES = 1024 * 1024;

/**
 * JSON lines in a file of bounded size. The keeper starts while somebody waits for a session, and loads no logging
 * library for the few lines it writes.
 */
export const fileLog = (path: string, clock: Clock): Logger => {
  let bytes = sizeOf(path);
  const write = (severity: string, fields: LogFields, message: string): void => {
    const time = new Date(clock.now()).toISOString();
    const line = `${JSON.stringify({ time, severity, message, ...(redact(fields) as object) })}\n`;
    try {
      if (bytes > MAX_BYTES) {
        renameSync(path, `${path}.1`);
        bytes = 0;
      }
      appendFileSync(path, line, { mode: 0o600 });
      bytes += line.length;
    } catch {
      // A full disk must not end sessions: the line is lost.
    }
  };
  return withFields({}, write);
};

type Write = (severity: string, fields: LogFields, message: string) => void;

const withFields = (base: LogFields, write: Write): Logger => {
  const at = (severity: string) => (fields: LogFields, message: string) =>
    write(severity, { ...base, ...fields }, message);
  return {
    debug: () => {},
    info: at('INFO'),
    warn: at('WARNING'),
    error: at('ERROR'),
    child: (fields) => withFields({ ...base, ...fields }, write),
  };
};

const sizeOf = (path: string): number => {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
};
