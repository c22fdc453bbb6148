import { isTerminal } from '#domain/lifecycle.ts';
import { costBetween, costNanoUsd } from '#domain/pricing.ts';
import { type PriceTable, priceTable } from '#domain/prices.ts';
import { hourBefore } from '#domain/months.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { ledger, sessions } from '#services/model/collections.ts';
import type { LedgerDoc, SessionDoc } from '#services/model/docs.ts';
import type { Body } from '../doubles/cloud.ts';
import type { Change } from '../doubles/documents.ts';
import { facts } from './lifecycle.ts';
import { changesOf } from './records.ts';
import type { Bench, Rules } from './witness.ts';

interface Sum {
  /** The instant up to which the segments reach, and how many there are. */
  until: number;
  origin: number;
  n: number;
  nano: number;
}

/** The provider's record of what has ended. */
interface Ended {
  seen(key: string): readonly RecordedBody[];
  madeTooLate(body: RecordedBody): boolean;
}
type RecordedBody = Pick<Body, 'key' | 'started_at' | 'ended_at' | 'died_at' | 'made'>;

/**
 * Checks that segments have no gaps or overlaps, and that the final bill covers the provider's record to the
 * millisecond.
 */
export class Bills implements Rules {
  readonly #bench: Bench;
  readonly #resources: Ended;
  /** Whether the provider of this driver keeps the records of ended resources. */
  readonly #remembers: (driver: string) => boolean;
  readonly #table: PriceTable;
  readonly #sums = new Map<string, Sum>();

  constructor(bench: Bench, resources: Ended, remembers: (driver: string) => boolean, region: string) {
    this.#bench = bench;
    this.#resources = resources;
    this.#remembers = remembers;
    this.#table = priceTable(region);
  }

  committed(changes: readonly Change[]): void {
    const entries = changesOf(changes, ledger)
      .flatMap(({ after }) => (after ? [after] : []))
      .sort((a, b) => a.n - b.n);
    // A correction across the end of a month has several entries, which all give back from the earlier bill.
    const high = new Map<string, number>();
    for (const entry of entries) this.#segment(entry, high);
    for (const { before, after } of changesOf(changes, sessions)) {
      if (!after) continue;
      this.#agrees(after);
      if ((before?.metered_until ?? '') > (after.metered_until ?? '')) this.#bench.count('bills taken back');
      if (isTerminal(after.status) && before && !isTerminal(before.status)) this.#final(after);
    }
  }

  #segment(entry: LedgerDoc, high: Map<string, number>): void {
    // A segment's id consists of the id of its session or storage and a number.
    const of = entry.id.slice(0, entry.id.lastIndexOf(':'));
    const from = epochMs(entry.from);
    const to = epochMs(entry.to);
    const sum = this.#sums.get(of) ?? { until: from, origin: from, n: 0, nano: 0 };
    const gives = entry.kind === 'correction';
    const gave = high.has(of);
    const top = high.get(of) ?? sum.until;
    high.set(of, top);
    const facts = { entry, sum };
    const demand = this.#bench.demand.bind(this.#bench);
    demand(entry.n === sum.n, 'segments are numbered without a gap', facts);
    demand(from < to, 'a segment has a length', facts);
    demand(entry.milliseconds === (gives ? from - to : to - from), 'a segment says its length', facts);
    if (gives) demand(to <= top && from >= sum.origin, 'a correction gives back what was billed', facts);
    else demand(from === sum.until, 'segments adjoin', facts);
    if (gives) this.#bench.count('corrections');
    demand(hourBefore(from) === hourBefore(to - 1), 'a segment lies in one hour', facts);
    if (entry.kind === 'compute' && from !== sum.origin)
      demand(from === hourBefore(from) || gave, 'a segment begins with its hour', facts);
    this.#sums.set(of, {
      ...sum,
      n: sum.n + 1,
      nano: sum.nano + entry.nano_usd,
      until: gives ? Math.min(from, sum.until) : to,
    });
  }

  #agrees(session: SessionDoc): void {
    const sum = this.#sums.get(session.id);
    const reached = session.metered_until === null ? null : epochMs(session.metered_until);
    const started = session.started_at === null ? null : epochMs(session.started_at);
    const said = { ...facts(session), billed: session.billed_nano, segments: session.segments, sum };
    const demand = this.#bench.demand.bind(this.#bench);
    const ledgered = (sum?.nano ?? 0) + session.open_nano;
    demand(session.billed_nano === ledgered, 'a session is billed what its segments and the open hour add up to', said);
    const over = isTerminal(session.status);
    demand(
      !over || (session.open_nano === 0 && session.ledgered_until === session.metered_until),
      'the ledger of an ended session is final',
      said,
    );
    demand(session.segments === (sum?.n ?? 0), 'a session counts its segments', said);
    const ledgered_until = session.ledgered_until === null ? null : epochMs(session.ledgered_until);
    if (sum)
      demand(
        sum.until === ledgered_until && sum.origin === started,
        'segments reach from start to ledgered_until',
        said,
      );
    if (reached === null || started === null) return;
    const cost = costNanoUsd(session.bill, 0, reached - started, this.#table);
    demand(session.billed_nano === cost, 'the sum of segments is one bill of the whole run', { ...said, cost });
    const { at_least, at_most } = costBetween(session.bill, 0, reached - started, this.#table);
    const bound = (at_most ?? at_least) - at_least;
    const unpriced = Object.values(session.unpriced ?? {}).reduce((total, nano) => total + nano, 0);
    demand(unpriced === bound, 'what is unpriced is the bound of the whole run', { ...said, bound, unpriced });
  }

  #final(session: SessionDoc): void {
    const ran = this.#resources.seen(session.key).filter((body) => body.started_at !== null);
    const [first] = ran;
    const billed = ran.find((body) => body.started_at !== null && session.started_at === iso(body.started_at));
    if (!first) {
      this.#bench.demand(session.billed_nano === 0, 'what never ran costs nothing', facts(session));
      return;
    }
    if (ran.length > 1) {
      this.#bench.count('bills of a resource made twice');
      const within =
        billed?.ended_at == null ||
        billed.died_at !== null ||
        session.metered_until === null ||
        epochMs(session.metered_until) <= billed.ended_at;
      this.#bench.demand(within, 'only the resource that ran is billed', facts(session));
      return;
    }
    if (this.#resources.madeTooLate(first)) {
      this.#bench.count('bills of a resource made too late');
      return;
    }
    this.#exact(session, first);
  }

  #exact(session: SessionDoc, body: RecordedBody): void {
    const { started_at, ended_at } = body;
    if (started_at === null || ended_at === null) return;
    const exact =
      session.started_at === iso(started_at) &&
      session.ended_at === iso(ended_at) &&
      session.metered_until === iso(ended_at) &&
      session.billed_nano === costNanoUsd(session.bill, 0, ended_at - started_at, this.#table);
    const said = { ...facts(session), record: [iso(started_at), iso(ended_at)], billed: session.billed_nano };
    if (exact) {
      this.#bench.count('exact bills');
      return;
    }
    this.#bench.demand(!this.#remembers(session.driver), 'the bill is the provider’s record to the millisecond', said);
    this.#bench.count('bills without a record');
    const reached = session.metered_until === null ? started_at : epochMs(session.metered_until);
    // If the provider showed the dead resource as running, only its record could show the true end.
    const belated = body.died_at !== null;
    this.#bench.demand(belated || reached <= ended_at, 'nothing is billed past the provider’s end', said);
    const from = session.started_at === null ? started_at : epochMs(session.started_at);
    this.#bench.demand(from === started_at, 'a bill starts with the provider’s record', said);
  }
}
