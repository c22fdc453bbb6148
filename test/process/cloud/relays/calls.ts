import { protos as firestore } from '@google-cloud/firestore-api';
import { protos as tasks } from '@google-cloud/tasks';
import { QUEUE_PREFIX } from './names.ts';

/** What happens to one call. `swallowed` and `stalled` last until the caller gives up. */
export const FAULTS = ['cut before', 'cut after', 'repeated', 'swallowed', 'stalled'] as const;
export type Fault = (typeof FAULTS)[number];
/**
 * The call is done, its answer is lost, and its connection is away for longer than driver and services look for what
 * came of it: 30 s each. Their caller is told that it is unknown.
 */
export const AWAY = 'away';
const AWAY_MS = 75_000;

/** One call of a life: the nth with this label. */
export interface Point {
  readonly label: string;
  readonly nth: number;
}

export interface Disturbed extends Point {
  readonly fault: Fault | typeof AWAY;
}

/** The connection of a call: what is before the colon. */
export const hopOf = ({ label }: Pick<Point, 'label'>): string => label.slice(0, label.indexOf(':'));

export const textOf = ({ label, nth }: Point): string => `${label} #${nth}`;

const { BatchGetDocumentsRequest, CommitRequest, RunQueryRequest } = firestore.google.firestore.v1;
const { CreateTaskRequest } = tasks.google.cloud.tasks.v2;

const collectionIn = (name: string): string => /\/documents\/([^/]+)\//.exec(name)?.[1] ?? name;
const listed = (names: readonly string[]): string => [...new Set(names)].toSorted().join('+');

/** What a call of Firestore or Cloud Tasks is about, so that one can tell them apart: `Commit sessions+intents`. */
export const describeCall = (method: string, request: Buffer): string => {
  switch (method) {
    case 'BatchGetDocuments': {
      const { documents, newTransaction } = BatchGetDocumentsRequest.decode(request);
      return `${newTransaction ? 'begin and get' : 'get'} ${listed(documents.map(collectionIn))}`;
    }
    case 'RunQuery': {
      const { structuredQuery, newTransaction } = RunQueryRequest.decode(request);
      const from = (structuredQuery?.from ?? []).map(({ collectionId }) => collectionId ?? '');
      return `${newTransaction ? 'begin and query' : 'query'} ${listed(from)}`;
    }
    case 'Commit': {
      const { writes } = CommitRequest.decode(request);
      const written = writes.map(({ update, delete: deleted }) => collectionIn(update?.name ?? deleted ?? ''));
      return `commit ${listed(written) || 'nothing'}`;
    }
    case 'CreateTask':
      return `create ${CreateTaskRequest.decode(request).parent.split(`/${QUEUE_PREFIX}`).at(-1)}`;
    default:
      return method.toLowerCase();
  }
};

/** Counts the calls of a life, and disturbs one of them. */
export class Calls {
  readonly #counts = new Map<string, number>();
  readonly #disturbed: Disturbed | null;
  #backAt = 0;
  /** In the order in which they were made. */
  readonly made: Point[] = [];
  /** Calls before and after the life itself are no part of it. */
  counting = false;
  /** Whether the call that is to be disturbed was made. */
  met = false;

  constructor(disturbed: Disturbed | null) {
    this.#disturbed = disturbed;
  }

  decide(label: string): Fault | null {
    if (this.#isAway(label)) return 'cut before';
    if (!this.counting) return null;
    const nth = (this.#counts.get(label) ?? 0) + 1;
    this.#counts.set(label, nth);
    this.made.push({ label, nth });
    if (this.#disturbed?.label !== label || this.#disturbed.nth !== nth) return null;
    this.met = true;
    const { fault } = this.#disturbed;
    if (fault !== AWAY) return fault;
    this.#backAt = performance.now() + AWAY_MS;
    return 'cut after';
  }

  #isAway(label: string): boolean {
    return this.#disturbed !== null && hopOf(this.#disturbed) === hopOf({ label }) && performance.now() < this.#backAt;
  }
}
