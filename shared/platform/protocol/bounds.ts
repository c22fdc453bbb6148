/** The bounds of the protocol. docs/protocol.md explains each; a test compares the numbers. Sizes in bytes. */
const KIB = 1024;
const MIB = 1024 * KIB;

// Frames.
export const PREFIX_BYTES = 9;
export const MAX_HEADER_BYTES = MIB;
export const MAX_DATA_BYTES = MIB;
export const MAX_CHUNK_BYTES = 256 * KIB;

// Flow control.
export const DEFAULT_CREDIT_BYTES = 2 * MIB;
/** Each event costs this much credit besides its bytes, so that many small events are limited too. */
export const EVENT_COST_BYTES = 64;

// What one connection may have open.
/** A connection with more open calls is closed. */
export const MAX_OPEN_CALLS = 65_536;
export const MAX_WAITING_CALL_BYTES = 64 * MIB;
export const MAX_WAITING_STDIN_BYTES = MIB;
export const MAX_WAITING_ATTACH_BYTES = MIB;

// Fields.
export const MAX_EXEC_ID_CHARS = 128;
export const MAX_LOG_LIMIT_MB = 1024;
export const MAX_TERMINAL_CELLS = 65_535;
export const LIST_PAGE_EXECS = 500;
/**
 * How many commands of a session run at once. Each has up to six descriptors of the keeper, and a process that waits for
 * it outside of the session's limits. One that has ended counts as long as processes that it left hold its output: two
 * descriptors and the log stay for it, and the waiter where it has a terminal.
 */
export const MAX_RUNNING_EXECS = 256;
/** How many commands a session starts in all: each record takes 3 KB of the keeper's memory until the session ends. */
export const MAX_EXECS = 20_000;
/** How many reads of a session's output are open at once. Each has blocks in the keeper, and its credit at the other side. */
export const MAX_OPEN_READS = 512;

// Output that is held for a reader.
/** Of what a holding reader was sent, this much is kept: it may have been lost with its connection. */
export const SENT_KEPT_BYTES = 32 * MIB;

// Times.
/** How long a command waits at a full log for a reader that is not there. */
export const HOLD_WAIT_MS = 60_000;
export const TIMEOUT_GRACE_MS = 2_000;
/** From PIPE to TERM, and from that to KILL, for a command whose caller is gone. */
export const GONE_TERM_MS = 2_000;
export const GONE_KILL_MS = 5_000;
export const DEADLINE_GRACE_MS = 2_000;
export const DEADLINE_CHECK_MS = 5_000;
export const OUTPUT_TIME_MS = 50;
export const OUTPUT_QUIET_MS = 60;
export const OUTPUT_GRACE_MS = 1_000;
export const LAST_WORDS_MS = 1_000;
export const PING_INTERVAL_MS = 20_000;
export const SILENT_INTERVALS = 3;
