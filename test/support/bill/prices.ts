/**
 * List prices of Google Cloud in us-central1, USD. What is free each month is not taken off: an installation is rarely
 * alone in its billing account. `read_on`: the day of the copy that was read, as pages themselves have no date.
 */
interface ListPrice {
  readonly usd: number;
  readonly per: number;
  readonly source: string;
  readonly read_on: string;
}

const FIRESTORE = { source: 'https://cloud.google.com/firestore/pricing', read_on: '2026-08-21' } as const;
const RUN = { source: 'https://cloud.google.com/run/pricing', read_on: '2026-10-09' } as const;

const LIST_PRICES = {
  // A query that finds nothing is one read.
  read: { usd: 0.03, per: 100_000, ...FIRESTORE },
  write: { usd: 0.09, per: 100_000, ...FIRESTORE },
  delete: { usd: 0.01, per: 100_000, ...FIRESTORE },
  // An operation is a call of the API or a try to deliver, so a task is two.
  task_operation: { usd: 0.4, per: 1_000_000, source: 'https://cloud.google.com/tasks/pricing', read_on: '2026-11-28' },
  // Of a service that has a processor while it answers: worker and scheduler. The api is billed by its time.
  request: { usd: 0.4, per: 1_000_000, ...RUN },
  vcpu_second: { usd: 0.000024, per: 1, ...RUN },
  gib_second: { usd: 0.0000025, per: 1, ...RUN },
  // Listing buckets is an operation of class A.
  bucket_listing: { usd: 0.005, per: 1_000, source: 'https://cloud.google.com/storage/pricing', read_on: '2026-11-28' },
  schedule_month: { usd: 0.1, per: 1, source: 'https://cloud.google.com/scheduler/pricing', read_on: '2026-10-01' },
} as const satisfies Record<string, ListPrice>;

type Priced = keyof typeof LIST_PRICES;

/** USD. */
export const usdOf = (what: Priced, count: number): number => (count * LIST_PRICES[what].usd) / LIST_PRICES[what].per;
