import { NOTICE } from '#contract/entities/event.ts';
import { audit, sessions, users } from '#services/model/collections.ts';
import type { AuditDoc } from '#services/model/docs.ts';
import type { Change } from '../doubles/documents.ts';
import { changesOf, type Records } from './records.ts';
import type { Bench, Rules } from './witness.ts';

/** Checks at every commit that a notice is true, and is told once, however often and late its task comes. */
export class Notices implements Rules {
  readonly #bench: Bench;
  readonly #records: Records;
  readonly #told = new Set<string>();
  /** How often a user’s budget was changed: after that the thresholds above the use are told again. */
  readonly #budgets = new Map<string, number>();

  constructor(bench: Bench, records: Records) {
    this.#bench = bench;
    this.#records = records;
  }

  committed(changes: readonly Change[]): void {
    for (const { before, after } of changesOf(changes, users)) {
      const same =
        before?.monthly_budget_nano === after?.monthly_budget_nano && before?.budget_action === after?.budget_action;
      const id = (after ?? before)?.user_id ?? '';
      if (!same) this.#budgets.set(id, (this.#budgets.get(id) ?? 0) + 1);
    }
    for (const { before, after } of changesOf(changes, audit))
      if (!before && after?.action === NOTICE) this.#notice(after, changes);
  }

  #notice(entry: AuditDoc, changes: readonly Change[]): void {
    const { kind, expires_at, month, percent } = entry.detail;
    this.#bench.count(`notices ${String(kind)}`);
    const owner = entry.workspace_owner ?? '';
    const what =
      kind === 'session.ending'
        ? `${entry.session_id} ${String(expires_at)}`
        : `${owner} ${String(month)} ${String(percent)} ${this.#budgets.get(owner) ?? 0}`;
    this.#bench.demand(!this.#told.has(what), 'a notice is told once', entry);
    this.#told.add(what);
    if (kind === 'budget.threshold') {
      const account = this.#records.accounts().find((each) => each.owner === owner);
      const noticed = account?.months[String(month)]?.noticed ?? 0;
      this.#bench.demand(noticed >= Number(percent), 'what was told is noted on the account', { entry, noticed });
      return;
    }
    const session = this.#records.session(entry.session_id ?? '');
    const ended = changesOf(changes, sessions).some(({ id }) => id === entry.session_id);
    this.#bench.demand(
      session?.live_until === expires_at && !ended,
      'the end that is told is that of a session which has not begun to end',
      entry,
    );
  }
}
