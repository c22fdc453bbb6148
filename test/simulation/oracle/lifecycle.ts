import { canFollow, isTerminal } from '#domain/lifecycle.ts';
import { epochMs } from '#ports/clock.ts';
import { audit, intentKey, intents, sessions } from '#services/model/collections.ts';
import type { SessionDoc } from '#services/model/docs.ts';
import type { Change } from '../doubles/documents.ts';
import { changesOf, type Records } from './records.ts';
import type { Bench, Rules } from './witness.ts';

/** The work on a session that is not yet in its desired state. */
const INTENDED: Readonly<Record<string, string>> = {
  creating: 'provision',
  terminating: 'terminate',
  running: 'deadline',
};

/** Checks that transitions are legal and audited, that a session ends once, and that unfinished work has an intent. */
export class Lifecycle implements Rules {
  readonly #bench: Bench;
  readonly #records: Records;
  /** The last state of every session that was ever on record. */
  readonly known = new Map<string, SessionDoc>();
  readonly #byOperation = new Map<string, string>();
  /** The time at which each session was recorded as running. */
  readonly #ran = new Map<string, number>();

  constructor(bench: Bench, records: Records) {
    this.#bench = bench;
    this.#records = records;
  }

  committed(changes: readonly Change[]): void {
    const audited = new Set(changesOf(changes, audit).map(({ after }) => after?.session_id));
    for (const { id, before, after } of changesOf(changes, audit)) {
      this.#bench.demand(before === null && after !== null, 'the audit is only added to', { id });
    }
    const touched = new Set<string>();
    for (const { id, before, after } of changesOf(changes, sessions)) {
      touched.add(id);
      if (after === null) this.#removed(before);
      else if (before === null) this.#created(after, audited.has(id));
      else this.#changed(before, after, audited.has(id));
      if (after !== null) this.known.set(id, after);
    }
    for (const { before, after } of changesOf(changes, intents)) touched.add((after ?? before)?.session_id ?? '');
    for (const id of touched) this.#intended(id);
  }

  ended(): void {
    for (const session of this.#records.sessions()) {
      this.#bench.demand(isTerminal(session.status), 'every session ends', facts(session));
    }
    const left = this.#records.intents();
    this.#bench.demand(left.length === 0, 'no intent is left open', left[0]);
  }

  /** Checks that an answered create is on record, and that repeats with one idempotency key made one session. */
  acknowledged(id: string): void {
    this.#bench.demand(this.known.has(id), 'a create that was answered is on record', { id });
  }

  /** Checks that a create that was refused made nothing. */
  refused(delivery: string): void {
    const made = [...this.known.values()].find(({ labels }) => labels['delivery'] === delivery);
    this.#bench.demand(made === undefined, 'a create that is refused has made nothing', made && facts(made));
  }

  /** MiB in a volume or bucket that was created at this time: above 0 once a session that mounts it has run. */
  written(key: string, since: number): number {
    for (const [id, at] of this.#ran) {
      const spec = this.known.get(id)?.spec;
      const mounts = spec?.volume?.key === key || spec?.buckets.some((bucket) => bucket.key === key);
      if (mounts && at >= since) return 1;
    }
    return 0;
  }

  #created(session: SessionDoc, audited: boolean): void {
    this.#bench.count('sessions');
    this.#bench.demand(!this.known.has(session.id), 'a session is created once', { id: session.id });
    this.#bench.demand(session.status === 'creating', 'a session begins in creating', facts(session));
    this.#bench.demand(audited, 'a create leaves an audit entry', facts(session));
    this.#lives(session);
    const operation = session.labels['operation'];
    if (operation === undefined) return;
    const twin = this.#byOperation.get(operation);
    this.#bench.demand(twin === undefined, 'an idempotency key makes one session', { twin, id: session.id });
    this.#byOperation.set(operation, session.id);
  }

  #changed(before: SessionDoc, after: SessionDoc, audited: boolean): void {
    const { demand } = this.#bench;
    const said = { before: facts(before), after: facts(after) };
    if (before.status !== after.status) {
      demand.call(this.#bench, canFollow(before.status, after.status), 'a transition is a legal one', said);
      demand.call(this.#bench, audited, 'a transition leaves an audit entry', said);
      this.#bench.count(`to ${after.status}`);
      if (after.status === 'running') {
        demand.call(this.#bench, !this.#ran.has(after.id), 'a session starts to run once', said);
        this.#ran.set(after.id, this.#bench.now);
      }
      const late = before.status === 'running' && after.status_reason === 'start_timeout';
      demand.call(this.#bench, !late, 'what runs has started in time', said);
      if (isTerminal(after.status)) this.#bench.count(`ends ${after.status_reason}`);
    }
    if (isTerminal(before.status)) {
      const same = (['status', 'status_reason', 'ended_at', 'billed_nano', 'segments', 'metered_until'] as const).every(
        (field) => before[field] === after[field],
      );
      demand.call(this.#bench, same && after.live === null, 'what has ended stays as it is', said);
    }
    this.#lives(after);
    demand.call(this.#bench, after.generation >= before.generation, 'a generation only grows', said);
  }

  #lives(session: SessionDoc): void {
    const { max_life_minutes } = session.plan;
    if (max_life_minutes === null) return;
    const life = epochMs(session.expires_at) - epochMs(session.created_at);
    this.#bench.demand(
      life <= max_life_minutes * 60_000,
      'a session ends within what its provider gives',
      facts(session),
    );
  }

  #removed(before: SessionDoc | null): void {
    const due = before !== null && isTerminal(before.status);
    this.#bench.demand(due, 'only an ended session leaves the record', before && facts(before));
    this.#bench.count('records pruned');
  }

  /**
   * The sweeps find unfinished work by its intent. A session with work but without an intent would be stuck for ever.
   */
  #intended(id: string): void {
    const session = this.#records.session(id);
    if (!session || isTerminal(session.status)) return;
    const intent = this.#records.intent(intentKey(id, session.generation));
    const unheld = session.status === 'running' && session.deadline_held !== session.expires_at;
    if (session.status === 'running' && !unheld) return;
    const kind = INTENDED[session.status];
    this.#bench.demand(intent?.kind === kind, 'what is not yet as wanted has its intent', {
      ...facts(session),
      intent: intent?.kind ?? null,
    });
  }
}

export const facts = (session: SessionDoc): Readonly<Record<string, unknown>> => ({
  id: session.id,
  status: session.status,
  reason: session.status_reason,
  generation: session.generation,
  expires_at: session.expires_at,
  deadline_held: session.deadline_held,
  started_at: session.started_at,
  metered_until: session.metered_until,
  ended_at: session.ended_at,
});
