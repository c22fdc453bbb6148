import { pino } from 'pino';
import type { LogFields, Logger } from '#ports/logger.ts';
import { redact } from './redact.ts';

type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** One readable line per record instead of JSON. */
  readonly pretty?: boolean;
  /** Standard output when left out. */
  readonly destination?: { write(line: string): void };
}

/** Structured logs in JSON lines (`severity` as Google Cloud reads it). Secrets are redacted by the name of their key. */
export const createLogger = (options: LoggerOptions): Logger => {
  const out = options.destination ?? { write: (line: string) => void process.stdout.write(line) };
  const destination = options.pretty ? { write: (line: string) => out.write(prettyLine(line)) } : out;
  const root = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(Date.now()).toISOString()}"`,
      formatters: { level: (label) => ({ severity: SEVERITY[label] ?? label.toUpperCase() }) },
    },
    destination,
  );
  return wrap(root);
};

/** The part of pino that is used, so that the wrapper stays independent of its generics. */
interface Sink {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Sink;
  isLevelEnabled(level: string): boolean;
}

const wrap = (sink: Sink): Logger => {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: LogFields, message: string) => {
    if (sink.isLevelEnabled(level)) sink[level](clean(fields), message);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(sink.child(clean(fields))),
  };
};

const clean = (fields: LogFields): object => ({ ...(redact(fields) as object) });

const SEVERITY: Readonly<Record<string, string>> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' };

const prettyLine = (line: string): string => {
  const { time, severity, message, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(rest).map(([key, value]) => `${key}=${plain(value)}`);
  return `${String(time).slice(11, 19)} ${String(severity).padEnd(7)} ${[String(message ?? ''), ...fields].join(' ')}\n`;
};

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
