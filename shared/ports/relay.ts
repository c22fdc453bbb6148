import type { Duplex } from 'node:stream';

/**
 * Joins a caller's instance with the one that the agent of a session has dialled in to. Each session has one channel;
 * one dial holds it at a time, and any instance opens connections through it. What is said over a connection is not the
 * relay's: it carries bytes, whole and in their order, or ends the connection with an error.
 */
export interface Relay {
  /**
   * Takes the channel of a session for an agent that has dialled in to this instance.
   * - The first execution that claims a start of the session has it for good, released or not.
   * - A later dial of the same execution closes the earlier one, on whatever instance that is.
   * - A higher generation (another start) takes the channel from a lower one, whose agents are refused from then on.
   * @param accept is called for each connection that a caller opens, with this instance's end of it
   * @throws ChannelTaken, RelayUnavailable
   */
  claim(agent: DialledAgent, accept: (connection: Duplex) => void): Promise<Claim>;
  /**
   * Opens a connection to the agent of a session, wherever it has dialled in.
   *
   * Both ends are ordinary streams. `end` closes one direction: the other end reads up to there, and may go on writing.
   * When an end is destroyed, the channel changes hands or an instance goes away, both ends are destroyed, with a
   * ConnectionLost unless the end was destroyed by its own user. What was on its way is dropped then, never reaches
   * another connection, and a write that still waits is answered with an error. A writer that heeds `write` and `drain` is held back before more than `window_bytes`, and the
   * chunk that it was writing, are on their way to a reader that does not read.
   * @throws NotConnected, RelayUnavailable; the signal's reason when it is aborted
   */
  connect(session_id: string, options?: ConnectOptions): Promise<Duplex>;
  /** Forgets who claimed a session's channel, once the session's resources are gone. Unknown is success. */
  forget(session_id: string): Promise<void>;
  /** Releases everything that this instance holds: its claims, and its ends of connections. */
  close(): Promise<void>;
  /** Of one direction of one connection. */
  readonly window_bytes: number;
}

/** An agent that dials in, with a verified token. */
export interface DialledAgent {
  readonly session_id: string;
  /** Which start of the session it belongs to. */
  readonly generation: number;
  /** Which of the processes that were started for the session it is, as its provider names it. */
  readonly execution: string;
}

/** The channel of a session in the hands of one dial. */
export interface Claim {
  /** Resolves when this dial no longer has the channel, with why. Its agent's connection is to be closed then. */
  readonly ended: Promise<ClaimEnd>;
  /** Lets go of the channel. Does nothing once the claim has ended: a later holder keeps the channel. */
  release(): Promise<void>;
}

/** `superseded`: by a later dial or start. `forgotten`: the session is gone. `closed`: the instance goes away. */
export type ClaimEnd = 'released' | 'superseded' | 'forgotten' | 'closed';

interface ConnectOptions {
  /** How long to wait for an agent that has not dialled in or is between two dials (default: 0). */
  readonly wait_ms?: number;
  readonly signal?: AbortSignal;
}

/** No agent has the session's channel now. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/** Another execution holds this start of the session, or a later start counts. The agent that dialled in must exit. */
export class ChannelTaken extends Error {
  override readonly name = 'ChannelTaken';
}

/** A connection broke. It is not known which of the last bytes arrived. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** The relay is not available now, or is closed. The same call may be repeated, here or on another instance. */
export class RelayUnavailable extends Error {
  override readonly name = 'RelayUnavailable';
}
