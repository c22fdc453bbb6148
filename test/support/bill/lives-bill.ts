import { countsOf, countsText, documentsUsd } from './documents.ts';
import type { Life } from './life.ts';
import { usdOf } from './prices.ts';

export interface BillRow {
  readonly id: string;
  readonly what: string;
  /** For a thousand lives. */
  readonly usd: number;
}

export const THOUSAND = 1000;

/** What a thousand lives cost by list prices: their documents, tasks and requests to the worker. */
export const billOf = ({ parts, enqueued, delivered, events }: Life): readonly BillRow[] => [
  ...parts.map(({ id, name, documents }) => {
    const counts = countsOf(documents);
    return { id, what: `${name}: ${countsText(counts)}`, usd: documentsUsd(counts) * THOUSAND };
  }),
  {
    id: 'tasks',
    what: `Cloud Tasks: ${enqueued} calls, ${delivered} deliveries`,
    usd: usdOf('task_operation', enqueued + delivered) * THOUSAND,
  },
  {
    id: 'requests',
    what: `requests to the worker: ${delivered} tasks, ${events} events`,
    usd: usdOf('request', delivered + events) * THOUSAND,
  },
];

export const sumOf = (rows: readonly BillRow[]): number => rows.reduce((sum, { usd }) => sum + usd, 0);

/** USD for a thousand lives. */
export const LIVES_GOAL = 0.1;
