/**
 * The exec contract, the same in every driver (docs/protocol.md). State lives beside the command, in the keeper
 * or the agent: a channel may break at any time and another one continues from the same offsets.
 */
export interface ExecChannel {
  /** Starting an id twice starts it once and answers the exec as it is. @throws ExecError */
  start(exec: ExecStart): Promise<ExecState>;
  get(exec_id: string): Promise<ExecState | null>;
  list(): Promise<readonly ExecState[]>;
  /** Replays from `from` and then follows; ends after the `exit` event. Aborting the signal ends it early. */
  read(exec_id: string, from: number, options?: ReadOptions): AsyncIterable<OutputEvent>;
  /**
   * The end of the kept output that was read before `time` (epoch milliseconds); 0 where none of it was. null where the
   * other side keeps no times.
   */
  offsetAt(exec_id: string, time: number): Promise<number | null>;
  /** Resolves when the exec has ended. */
  wait(exec_id: string, signal?: AbortSignal): Promise<ExecState>;
  /** Bytes before the accepted offset are dropped as repeats; a gap is refused. @returns the next offset. */
  stdin(exec_id: string, offset: number, data: Uint8Array, eof: boolean): Promise<number>;
  /**
   * Names without SIG. TERM, KILL and PIPE reach all that the exec has started, INT, HUP, QUIT, USR1, USR2, STOP, CONT and
   * WINCH its process group. PIPE says that its caller is gone for good: TERM follows, then KILL.
   */
  signal(exec_id: string, signal: string): Promise<ExecState>;
  resize(exec_id: string, cols: number, rows: number): Promise<void>;
  /** Moves the session's own deadline; resolves when the keeper or agent holds it, or a later generation's. */
  deadline(deadline: Deadline): Promise<void>;
  /** What the whole session uses, measured now. */
  usage(): Promise<Usage>;
  close(): void;
}

/** When a session ends by itself. A deadline that arrives after one of a later generation changes nothing. */
export interface Deadline {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Generation of the session when it set this deadline. */
  readonly generation: number;
}

/** Never estimated: null if the keeper or agent can't measure it. */
export interface Usage {
  /** The mean since the last measurement, or over a moment if that is long ago; 100 is one whole CPU. */
  readonly cpu_percent: number | null;
  readonly memory_mb: number | null;
  readonly memory_limit_mb: number | null;
  readonly disk_mb: number | null;
  readonly processes: number | null;
}

/** The usage of a session that has ended. */
export const NOTHING_MEASURED: Usage = {
  cpu_percent: null,
  memory_mb: null,
  memory_limit_mb: null,
  disk_mb: null,
  processes: null,
};

export interface ExecStart {
  readonly exec_id: string;
  /** Exactly one of the two; `command` runs by `/bin/sh -c`. */
  readonly command?: string;
  readonly argv?: readonly string[];
  readonly cwd?: string;
  /** All variables that the caller adds to the session's clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** null: runs to the session's end. */
  readonly timeout_ms: number | null;
  readonly tty?: { readonly cols: number; readonly rows: number } | null;
  /** One pipe for stdout and stderr, for exact order. */
  readonly merge?: boolean;
  /** Data kept in the log before the oldest is dropped, 1 to 1024 MiB. */
  readonly log_limit_mb: number;
  /** What happens where the log is full; `drop_oldest` unless given. */
  readonly when_full?: WhenFull;
  /** Without it stdin is empty from the start. */
  readonly stdin?: boolean;
}

/**
 * `hold`: the command waits until its holding reader was sent more; where that reader is away for too long, it goes on
 * as with `drop_oldest`. `drop_oldest`: the command never waits, and the oldest output is dropped.
 */
export type WhenFull = 'hold' | 'drop_oldest';

export type ExecStatus = 'running' | 'exited' | 'killed' | 'timed_out' | 'lost';

export interface ExecState {
  readonly exec_id: string;
  readonly status: ExecStatus;
  readonly exit_code: number | null;
  readonly signal: string | null;
  /** The number of that signal, as Linux counts. */
  readonly signal_number: number | null;
  readonly timed_out: boolean;
  /** End of the log so far: the offset of the next byte. */
  readonly next_offset: number;
  /** The oldest byte still kept. */
  readonly first_offset: number;
  /** The first byte that was dropped before a holding reader had it; null where there is none, or it is not known. */
  readonly missing_from: number | null;
  /** Where the output ended with the command; what processes that it left behind have written follows. null while it runs. */
  readonly end_offset: number | null;
  readonly stdin_offset: number;
  readonly started_at: number;
  readonly ended_at: number | null;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** End at the log's present end instead of following. */
  readonly follow?: boolean;
  /** The reader's own id: where the exec holds its output, it holds for this reader. */
  readonly hold?: string | undefined;
}

export interface OutputChunk {
  readonly type: 'chunk';
  readonly seq: number;
  readonly stream: 'stdout' | 'stderr';
  /** When the bytes were read from the command, epoch milliseconds, to 50 ms; null where the other side keeps none. */
  readonly time: number | null;
  readonly data: Uint8Array;
}

export type OutputEvent =
  | OutputChunk
  | { readonly type: 'gap'; readonly from: number; readonly to: number }
  | { readonly type: 'exit'; readonly exec: ExecState };

/** Closed list, carried by the protocol's `error` frame. */
export type ExecErrorCode =
  | 'no_such_exec'
  | 'no_such_session'
  | 'invalid'
  | 'stdin_closed'
  | 'stdin_gap'
  | 'past_end'
  | 'ended'
  | 'spawn_failed'
  | 'exhausted'
  | 'too_many'
  | 'unavailable';

/** Why a command could not be started, as fields of `spawn_failed`. */
export interface NotStarted {
  /** The field of its start that is at fault. */
  readonly field: 'command' | 'argv' | 'cwd';
  /** As under a shell: 127 where there is no such program, 126 where it can't be run or its folder can't be entered. */
  readonly exit_code: 126 | 127;
}

export class ExecError extends Error {
  override readonly name = 'ExecError';
  readonly code: ExecErrorCode;
  /** Of `spawn_failed`; null where the keeper or agent is of an earlier version, which does not say. */
  readonly not_started: NotStarted | null;
  constructor(code: ExecErrorCode, message: string, not_started: NotStarted | null = null) {
    super(message);
    this.code = code;
    this.not_started = not_started;
  }
}
