import {
  type Deadline,
  ExecError,
  type ExecErrorCode,
  type ExecStart,
  type ExecState,
  type ExecStatus,
  type NotStarted,
  type Usage,
  type WhenFull,
} from '#ports/exec.ts';
import { signalNumber } from '../signals.ts';
import { DEFAULT_CREDIT_BYTES, MAX_EXEC_ID_CHARS, MAX_LOG_LIMIT_MB, MAX_TERMINAL_CELLS } from './bounds.ts';
import type { Header } from './frames.ts';

/** Functions that read a peer's fields. An error names the wrong field. @throws ExecError `invalid` */
const invalid = (field: string, what: string): ExecError => new ExecError('invalid', `${field} must be ${what}`);

export const text = (header: Header, field: string): string => {
  const value = header[field];
  if (typeof value !== 'string') throw invalid(field, 'a string');
  return value;
};

export const whole = (header: Header, field: string, least = 0, most = Number.MAX_SAFE_INTEGER): number => {
  const value = header[field];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
    throw invalid(field, `a whole number from ${least} to ${most}`);
  }
  return value;
};

/** The last millisecond that the four digits of a year can name. */
const LAST_INSTANT = Date.UTC(10_000, 0) - 1;

/** Milliseconds since the epoch. A later one could not be written as an instant of the API. */
export const instant = (header: Header, field: string): number => whole(header, field, 0, LAST_INSTANT);

/** A field that may be left out or null. */
export const optional = <T>(
  header: Header,
  field: string,
  read: (header: Header, field: string) => T,
): T | undefined => (header[field] === undefined || header[field] === null ? undefined : read(header, field));

export const flag = (header: Header, field: string): boolean => {
  const value = header[field];
  if (typeof value !== 'boolean') throw invalid(field, 'true or false');
  return value;
};

export const optionalFlag = (header: Header, field: string): boolean => optional(header, field, flag) ?? false;

const texts = (header: Header, field: string): string[] => {
  const value = header[field];
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string'))
    throw invalid(field, 'a list of strings');
  return value;
};

export const record = (header: Header, field: string): Header => {
  const value = header[field];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(field, 'an object');
  return value as Header;
};

/** The credit that a reader grants. */
export const readCredit = (header: Header): number =>
  optional(header, 'credit', (h, f) => whole(h, f, 1)) ?? DEFAULT_CREDIT_BYTES;

export const readDeadline = (header: Header): Deadline => ({
  at: whole(header, 'at'),
  generation: whole(header, 'generation'),
});

const env = (header: Header, field: string): Record<string, string> => {
  const values = record(header, field);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string' || value.includes('\0')) throw invalid(`${field}.${name}`, 'a string without NUL');
    if (!/^[^=\0]+$/.test(name)) throw invalid(field, 'an object whose names have no "=" and no NUL');
  }
  return values as Record<string, string>;
};

const EXEC_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export const execId = (header: Header): string => {
  const id = text(header, 'exec_id');
  if (!EXEC_ID.test(id) || id.length > MAX_EXEC_ID_CHARS) {
    throw invalid('exec_id', `up to ${MAX_EXEC_ID_CHARS} letters, digits, dots, dashes or underscores`);
  }
  return id;
};

export const terminalSize = (header: Header): { cols: number; rows: number } => ({
  cols: whole(header, 'cols', 1, MAX_TERMINAL_CELLS),
  rows: whole(header, 'rows', 1, MAX_TERMINAL_CELLS),
});

const whenFull = (header: Header, field: string): WhenFull => {
  const value = text(header, field);
  if (value !== 'hold' && value !== 'drop_oldest') throw invalid(field, 'hold or drop_oldest');
  return value;
};

/** The id that a reader has given itself. */
export const readerId = (header: Header, field: string): string => {
  const id = text(header, field);
  if (!EXEC_ID.test(id) || id.length > MAX_EXEC_ID_CHARS) {
    throw invalid(field, `up to ${MAX_EXEC_ID_CHARS} letters, digits, dots, dashes or underscores`);
  }
  return id;
};

/** The checked fields of a `start`. */
export const readExecStart = (header: Header): ExecStart => {
  const command = optional(header, 'command', text);
  const argv = optional(header, 'argv', texts);
  if ((command === undefined) === (argv === undefined)) {
    throw new ExecError('invalid', 'give command or argv, not both');
  }
  if (argv && (argv.length === 0 || argv.some((part) => part.includes('\0')))) {
    throw invalid('argv', 'at least one string, without NUL');
  }
  if (command?.includes('\0')) throw invalid('command', 'a string without NUL');
  const cwd = optional(header, 'cwd', text);
  if (cwd !== undefined && (cwd === '' || cwd.includes('\0'))) throw invalid('cwd', 'a path');
  const variables = optional(header, 'env', env);
  return {
    exec_id: execId(header),
    ...(command === undefined ? {} : { command }),
    ...(argv === undefined ? {} : { argv }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(variables === undefined ? {} : { env: variables }),
    timeout_ms: optional(header, 'timeout_ms', (h, f) => whole(h, f, 1)) ?? null,
    tty: optional(header, 'tty', (h, f) => terminalSize(record(h, f))) ?? null,
    merge: optionalFlag(header, 'merge'),
    log_limit_mb: whole(header, 'log_limit_mb', 1, MAX_LOG_LIMIT_MB),
    when_full: optional(header, 'when_full', whenFull) ?? 'drop_oldest',
    stdin: optionalFlag(header, 'stdin'),
  };
};

const STATUSES: Readonly<Record<ExecStatus, true>> = {
  running: true,
  exited: true,
  killed: true,
  timed_out: true,
  lost: true,
};

/** An exec as a peer describes it. Checked, because a tenant controls the agent of its session. */
export const readExecState = (value: unknown): ExecState => {
  const header = record({ exec: value }, 'exec');
  const status = text(header, 'status');
  if (!(status in STATUSES)) throw invalid('status', 'a known status');
  const signal = optional(header, 'signal', text) ?? null;
  return {
    exec_id: execId(header),
    status: status as ExecStatus,
    exit_code: optional(header, 'exit_code', (h, f) => whole(h, f, -1, 0xffff_ffff)) ?? null,
    signal,
    // An earlier one leaves the number to its name.
    signal_number: optional(header, 'signal_number', (h, f) => whole(h, f, 1, 64)) ?? signalNumber(signal ?? ''),
    timed_out: flag(header, 'timed_out'),
    next_offset: whole(header, 'next_offset'),
    first_offset: whole(header, 'first_offset'),
    // An earlier keeper or agent does not know these two.
    missing_from: optional(header, 'missing_from', whole) ?? null,
    end_offset: optional(header, 'end_offset', whole) ?? null,
    stdin_offset: whole(header, 'stdin_offset'),
    started_at: instant(header, 'started_at'),
    ended_at: optional(header, 'ended_at', instant) ?? null,
  };
};

const figure = (header: Header, field: string): number => {
  const value = header[field];
  if (typeof value !== 'number' || !(value >= 0)) throw invalid(field, 'a number that is not negative');
  return value;
};

/** The usage of a session as a peer reports it, checked like an exec. A missing figure was not measured. */
export const readUsage = (value: unknown): Usage => {
  const header = record({ usage: value }, 'usage');
  return {
    cpu_percent: optional(header, 'cpu_percent', figure) ?? null,
    memory_mb: optional(header, 'memory_mb', figure) ?? null,
    memory_limit_mb: optional(header, 'memory_limit_mb', figure) ?? null,
    disk_mb: optional(header, 'disk_mb', figure) ?? null,
    processes: optional(header, 'processes', whole) ?? null,
  };
};

/** The fields of `spawn_failed`; null where they are missing. */
export const readNotStarted = (header: Header): NotStarted | null => {
  const { field, exit_code } = header;
  if (field !== 'command' && field !== 'argv' && field !== 'cwd') return null;
  return exit_code === 126 || exit_code === 127 ? { field, exit_code } : null;
};

const CODES: Readonly<Record<ExecErrorCode, true>> = {
  no_such_exec: true,
  no_such_session: true,
  invalid: true,
  stdin_closed: true,
  stdin_gap: true,
  past_end: true,
  ended: true,
  spawn_failed: true,
  exhausted: true,
  too_many: true,
  unavailable: true,
};

export const EXEC_ERROR_CODES: readonly string[] = Object.keys(CODES);

export const isExecErrorCode = (code: string): code is ExecErrorCode => code in CODES;
