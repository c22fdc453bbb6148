import { pino } from 'pino';
import type { LogFields, Logger } from '#ports/logger.ts';
import { redact } from './redact.ts';
import { currentTrace } from './trace.ts';

type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** One readable line per record instead of JSON. */
  readonly pretty?: boolean;
  /** Writes the fields by which Cloud Logging shows requests, and joins the lines of a trace of this project. */
  readonly cloud?: { readonly project: string };
  /** Standard output when left out. */
  readonly destination?: { write(line: string): void };
}

/** Structured logs in JSON lines (`severity` as Google Cloud reads it). Secrets are redacted by the name of their key. */
export const createLogger = (options: LoggerOptions): Logger => {
  const { cloud } = options;
  const out = options.destination ?? { write: (line: string) => void process.stdout.write(line) };
  const destination = options.pretty ? { write: (line: string) => out.write(prettyLine(line)) } : out;
  const root = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      // Errors are described already. Pino would describe that description once more.
      serializers: { err: (described: unknown) => described },
      timestamp: () => `,"time":"${new Date(Date.now()).toISOString()}"`,
      formatters: {
        level: (label) => ({ severity: SEVERITY[label] ?? label.toUpperCase() }),
        ...(cloud ? { log: requestFields } : {}),
      },
      ...(cloud ? { mixin: () => traceFields(cloud.project) } : {}),
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

/** The trace that runs now, by the names that Cloud Logging gives to it. */
const traceFields = (project: string): object => {
  const trace = currentTrace();
  if (trace === null) return {};
  const { trace_id, span_id, sampled } = trace;
  return {
    'logging.googleapis.com/trace': `projects/${project}/traces/${trace_id}`,
    ...(span_id === null ? {} : { 'logging.googleapis.com/spanId': span_id }),
    'logging.googleapis.com/trace_sampled': sampled,
  };
};

/** A line about a request has its facts where Cloud Logging looks for them. */
const requestFields = (fields: Record<string, unknown>): Record<string, unknown> => {
  const { method, path, status, ms, ...rest } = fields;
  if (typeof method !== 'string' || typeof path !== 'string' || typeof status !== 'number' || typeof ms !== 'number')
    return fields;
  const latency = `${(ms / 1000).toFixed(4)}s`;
  return { ...rest, httpRequest: { requestMethod: method, requestUrl: path, status, latency } };
};

const clean = (fields: LogFields): object => ({ ...(redact(fields) as object) });

const SEVERITY: Readonly<Record<string, string>> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' };

const prettyLine = (line: string): string => {
  const { time, severity, message, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(rest).map(([key, value]) => `${key}=${plain(value)}`);
  return `${String(time).slice(11, 19)} ${String(severity).padEnd(7)} ${[String(message ?? ''), ...fields].join(' ')}\n`;
};

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
