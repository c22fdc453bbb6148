import { systemClock } from '#platform/clock.ts';
import type { Json } from './json.ts';

const RANKS: Readonly<Record<string, number>> = { creating: 0, running: 1, terminating: 2, terminated: 3, failed: 3 };
const rankOf = (status: string): number => RANKS[status] ?? -1;
export const isEnded = (status: unknown): boolean => status === 'terminated' || status === 'failed';

/** How long the sessions of a dead keeper may take to be `failed`, once a server serves. */
const FAIL_LIMIT_MS = 60_000;

/** One session: what was said of it, and what is therefore allowed to be said next. */
export class TrackedSession {
  readonly id: string;
  /** Keepers killed when its create was sent: with as many now, none can have died under it. */
  readonly #keepersAtCreate: number;
  readonly #keepersNow: () => number;
  /** The furthest status that was said. */
  status = 'creating';
  reason: string | null = null;
  /** Somebody asked for its end, answered or not. */
  endAsked = false;
  /** It was said to run when its keeper was killed. */
  #mustFailBy: number | null = null;
  expiresAt: string | null = null;
  /** A change of `expires_at` is under way or its answer was lost. */
  expiryUnsure = false;
  labels: Json | null = null;
  labelsUnsure = false;

  constructor(id: string, keepersAtCreate: number, keepersNow: () => number) {
    this.id = id;
    this.#keepersAtCreate = keepersAtCreate;
    this.#keepersNow = keepersNow;
  }

  get keeperMayHaveDied(): boolean {
    return this.#keepersNow() > this.#keepersAtCreate;
  }

  get mustFail(): boolean {
    return this.#mustFailBy !== null;
  }

  /** Called in the turn in which its keeper is killed. */
  keeperDies(): void {
    if (this.status === 'running' && !this.endAsked) this.#mustFailBy ??= systemClock.monotonic() + FAIL_LIMIT_MS;
  }

  /** What was known of it before a look: only against this may the look be held. */
  known(): Known {
    const { status, reason, expiresAt, expiryUnsure, labels, labelsUnsure } = this;
    return { status, reason, expiresAt, expiryUnsure, labels, labelsUnsure };
  }

  /** Notes what a look says. @returns what is wrong with it */
  look(before: Known, seen: Json): string[] {
    const status = String(seen['status']);
    const reason = typeof seen['status_reason'] === 'string' ? seen['status_reason'] : null;
    const wrong: string[] = [];
    const say = (what: string) => wrong.push(`session ${this.id} ${what}`);
    if (rankOf(status) < rankOf(before.status)) say(`was ${before.status} and is ${status} again`);
    if (isEnded(before.status) && (status !== before.status || reason !== before.reason)) {
      say(`had ended as ${before.status} (${before.reason}) and is ${status} (${reason})`);
    }
    if (status === 'failed' && !this.keeperMayHaveDied) say(`failed (${reason}) though no keeper was killed`);
    if (status === 'failed' && reason !== 'keeper_lost') say(`failed with ${reason}: ${seen['status_message']}`);
    if ((status === 'terminated' || status === 'terminating') && !this.endAsked && reason !== 'keeper_lost') {
      say(`is ${status} (${reason}) though nobody asked for it`);
    }
    if (status === 'running' && this.#mustFailBy !== null && systemClock.monotonic() > this.#mustFailBy) {
      say('still runs a minute after its keeper was killed');
    }
    const settled = !before.expiryUnsure && !this.expiryUnsure && before.expiresAt === this.expiresAt;
    if (settled && before.expiresAt !== null && seen['expires_at'] !== before.expiresAt) {
      say(`ends at ${seen['expires_at']} though ${before.expiresAt} was acknowledged`);
    }
    const labelled = !before.labelsUnsure && !this.labelsUnsure && before.labels === this.labels;
    if (labelled && before.labels !== null && !sameJson(seen['labels'], before.labels)) {
      say(`has labels ${JSON.stringify(seen['labels'])} though ${JSON.stringify(before.labels)} was acknowledged`);
    }
    if (rankOf(status) > rankOf(this.status)) {
      this.status = status;
      this.reason = reason;
    }
    return wrong;
  }
}

export interface Known {
  readonly status: string;
  readonly reason: string | null;
  readonly expiresAt: string | null;
  readonly expiryUnsure: boolean;
  readonly labels: Json | null;
  readonly labelsUnsure: boolean;
}

const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
