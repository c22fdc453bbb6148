import type { Behaviour } from './behaviour.ts';
import type { Sender } from './delivery.ts';
import type { Faults } from './faults.ts';
import type { ServerClock } from './server-clock.ts';
import type { Tokens } from './tokens.ts';

/** What happened, for tests and for the page of the program. */
export interface Counts {
  created: number;
  deliveries: number;
  duplicates: number;
  dropped: number;
  lost_acknowledgements: number;
  lost_answers: number;
  /** `createTask` calls under way, and the most that there were. */
  creating: number;
  most_creating: number;
  /** How long the most patient caller of `createTask` was going to wait. */
  longest_wait_ms: number;
  /** Calls by the name of their method. */
  readonly calls: Record<string, number>;
}

/** What all queues of a server share. */
export interface World {
  readonly behaviour: Behaviour;
  readonly clock: ServerClock;
  readonly counts: Counts;
  readonly sender: Sender;
  readonly tokens: Tokens;
  /** Is replaced as a whole when a test changes it. */
  faults: Faults;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
  /** Keeps the server from ending before this has. */
  underway(work: Promise<unknown>): void;
}
