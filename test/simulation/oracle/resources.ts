import { isTerminal } from '#domain/lifecycle.ts';
import { isDeepStrictEqual } from 'node:util';
import { epochMs, iso } from '#ports/clock.ts';
import type { Plan } from '#ports/compute.ts';
import { audit, sessions, storage } from '#services/model/collections.ts';
import type { SessionDoc, StorageDoc } from '#services/model/docs.ts';
import type { Body, Cloud, CloudWitness } from '../doubles/cloud.ts';
import type { Change } from '../doubles/documents.ts';
import { facts, type Lifecycle } from './lifecycle.ts';
import { changesOf, type Records } from './records.ts';
import type { Bench, Rules } from './witness.ts';

const MINUTE_MS = 60_000;

/** Checks that no resource is at a provider without a live session, and that no data is lost that a user still has. */
export class Resources implements Rules, CloudWitness {
  readonly #bench: Bench;
  readonly #records: Records;
  readonly #lifecycle: Lifecycle;
  #cloud: Cloud | null = null;
  readonly #gone = new Map<string, number>();
  readonly #firstGone = new Map<string, number>();
  readonly #ended = new Map<string, number>();
  /** Storage that was marked for removal, at the deletion of its workspace or at a user's request. */
  readonly #doomed = new Set<string>();
  #asked: (piece: StorageDoc) => boolean = () => false;
  /** The plan that each session was created with. */
  readonly #accepted = new Map<string, Plan>();
  /** Sessions that were recorded running with this incarnation. */
  readonly #ran = new Map<string, Body>();

  constructor(bench: Bench, records: Records, lifecycle: Lifecycle) {
    this.#bench = bench;
    this.#records = records;
    this.#lifecycle = lifecycle;
  }

  /** `asked`: whether a user has asked to delete this volume or bucket. */
  watch(cloud: Cloud, asked: (piece: StorageDoc) => boolean): void {
    this.#cloud = cloud;
    this.#asked = asked;
  }

  /** The ended resources of this key that existed when a removal last found the key without a live resource. */
  seen(key: string): readonly Body[] {
    const at = this.#gone.get(key);
    if (at === undefined) return [];
    return (this.#cloud?.bodies.get(key) ?? []).filter((body) => body.made <= at && body.state === 'ended');
  }

  made(body: Body, remade: boolean): void {
    if (remade) this.#bench.count('resources remade');
    const session = this.#lifecycle.known.get(body.session_id);
    this.#bench.demand(session !== undefined, 'a resource is made for a session on record', { key: body.key });
    const accepted = isDeepStrictEqual(body.plan, this.#accepted.get(body.session_id));
    this.#bench.demand(accepted, 'what is made is the plan that was accepted', { key: body.key, plan: body.plan });
  }

  expired(body: Body): void {
    const session = this.#records.session(body.session_id);
    if (session?.status !== 'running' || session.deadline_held !== session.expires_at) return;
    this.#bench.demand(
      epochMs(session.expires_at) <= body.deadline.at,
      'a session is not ended before the deadline that it is said to hold',
      { ...facts(session), deadline: new Date(body.deadline.at).toISOString() },
    );
  }

  seenGone(key: string): void {
    this.#gone.set(key, this.#bench.now);
    if (!this.#firstGone.has(key)) this.#firstGone.set(key, this.#bench.now);
  }

  forgotten(body: Body): void {
    this.#bench.count('records released');
    const session = this.#records.session(body.session_id);
    this.#bench.demand(
      session === null || isTerminal(session.status),
      'the record of an end is kept until the ledger is final',
      { key: body.key, status: session?.status },
    );
  }

  /** A late call created the resource after a removal had found none. */
  madeTooLate({ key, made }: Pick<Body, 'key' | 'made'>): boolean {
    return made >= (this.#firstGone.get(key) ?? Number.POSITIVE_INFINITY);
  }

  committed(changes: readonly Change[]): void {
    for (const { id, before, after } of changesOf(changes, sessions)) {
      if (after?.status === 'running' && before?.status === 'creating') {
        const body = this.#cloud?.find(after.key);
        if (body) this.#ran.set(id, body);
        const bodies = this.#cloud?.bodies.get(after.key) ?? [];
        this.#bench.demand(
          bodies.some(
            ({ ref, started_at }) => ref === after.ref && started_at !== null && iso(started_at) === after.started_at,
          ),
          'a running session has its provider’s own name',
          { ...facts(after), ref: after.ref },
        );
      }
      if (after && isTerminal(after.status) && before && !isTerminal(before.status)) {
        this.#ended.set(after.key, this.#bench.now);
        const at = this.#gone.get(after.key);
        const there = (this.#cloud?.bodies.get(after.key) ?? []).filter(({ state }) => state !== 'ended');
        const unseen = there.filter((body) => at === undefined || body.made < at);
        this.#bench.demand(at !== undefined && unseen.length === 0, 'an end is written when all is gone', {
          ...facts(after),
          there: unseen.map(({ incarnation, state }) => [incarnation, state]),
        });
        if (there.length > 0) this.#bench.count('remade before the end was written');
      }
      if (after && !before) this.#accepted.set(id, after.plan);
      if (after && !before) for (const mount of after.mounts) this.#mountable(after, mount);
    }
    const byKey = new Set(
      changesOf(changes, audit).flatMap(({ after }) => (after?.actor.kind === 'key' ? [after.target] : [])),
    );
    for (const { id, before, after } of changesOf(changes, storage)) {
      if (before && !after) this.#removed(before, byKey.has(id));
      else if (after?.removing && !before?.removing) this.#marked(after);
    }
  }

  /** The bytes of a volume or bucket were removed. */
  bytesRemoved(key: string): void {
    this.#bench.count('data removed');
    const piece = this.#records.storage().find((doc) => doc.key === key);
    if (!piece) return;
    this.#bench.demand(piece.removing, 'the data of a standing volume or bucket is not removed', { key, id: piece.id });
    this.#unmounted(piece);
  }

  /** In a calm schedule: no resource outlives its session by a minute. */
  calm(since: number): void {
    for (const body of this.#cloud?.live() ?? []) {
      const session = this.#lifecycle.known.get(body.session_id);
      const orphan = session !== undefined && isTerminal(session.status);
      if (!orphan) continue;
      const from = Math.max(since, body.made, this.#ended.get(body.key) ?? 0);
      this.#bench.demand(this.#bench.now - from <= MINUTE_MS, 'a resource outlives its session by a minute at most', {
        ...facts(session),
        incarnation: body.incarnation,
        state: body.state,
      });
    }
    for (const session of this.#records.sessions()) {
      const body = this.#ran.get(session.id);
      const now = this.#cloud?.find(session.key);
      if (session.status !== 'running' || !body || !now || now === body) continue;
      const from = Math.max(since, now.made);
      this.#bench.demand(
        now.state === 'ended' || this.#bench.now - from <= MINUTE_MS,
        'a session that ran is not remade',
        { ...facts(session), incarnation: now.incarnation },
      );
    }
  }

  over(bytes: readonly string[]): void {
    const left = this.#cloud?.live() ?? [];
    this.#bench.demand(left.length === 0, 'no resource is left at the end', left[0]);
    const remembered = this.#cloud?.remembered() ?? [];
    this.#bench.demand(remembered.length === 0, 'no provider remembers what is settled', remembered[0]);
    const known = new Set(this.#records.storage().map(({ key }) => key));
    const lost = bytes.filter((key) => !known.has(key));
    this.#bench.demand(lost.length === 0, 'no volume or bucket is left that is not on record', lost);
  }

  #mountable({ id: session, driver }: SessionDoc, id: string): void {
    const piece = this.#records.storageOf(id);
    this.#bench.demand(piece !== null && !piece.removing, 'a session mounts what stands', { session, id });
    this.#bench.count(`mounts ${piece?.provider} ${piece?.kind} on ${driver}`);
    if (piece?.access !== 'one_node') return;
    const others = this.#holders(piece).filter((holder) => holder !== session);
    this.#bench.demand(others.length === 0, 'one session at a time mounts a one-node volume', { session, id, others });
  }

  #unmounted(piece: StorageDoc): void {
    const holders = this.#holders(piece);
    this.#bench.demand(holders.length === 0, 'what a live session mounts is not removed', { id: piece.id, holders });
  }

  #holders(piece: StorageDoc): string[] {
    return this.#records
      .sessions()
      .filter((session) => !isTerminal(session.status) && session.mounts.includes(piece.id))
      .map(({ id }) => id);
  }

  #marked(piece: StorageDoc): void {
    this.#unmounted(piece);
    const workspace = this.#records.workspace(piece.workspace_key);
    if (workspace?.status === 'deleted' || this.#asked(piece)) this.#doomed.add(piece.key);
  }

  #removed(piece: StorageDoc, asked: boolean): void {
    this.#bench.count('storage removed');
    this.#unmounted(piece);
    this.#bench.demand(piece.removing, 'storage is marked before it goes', { id: piece.id });
    if (asked) return;
    this.#bench.demand(this.#doomed.has(piece.key), 'only a deleted workspace loses its data unasked', {
      id: piece.id,
    });
  }
}
