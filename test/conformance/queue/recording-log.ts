import type { LogFields, Logger } from '#ports/logger.ts';

/** A logger that remembers: `level message`. */
export const recordingLog = (): Logger & { readonly lines: string[] } => {
  const lines: string[] = [];
  const line = (level: string) => (_: LogFields, message: string) => {
    lines.push(`${level} ${message}`);
  };
  const log = {
    lines,
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: () => log,
  };
  return log;
};
