import { isTerminal } from '#domain/lifecycle.ts';
import { costNanoUsd } from '#domain/pricing.ts';
import { readPlan } from '#domain/plan.ts';
import { priceTable } from '#domain/prices.ts';
import type { LedgerDoc, SessionDoc } from '#services/model/docs.ts';
import type { Documents } from './store-audit.ts';

const REGION = 'us-central1';

interface Run {
  readonly name: string;
  readonly start: string;
  /** Up to where it is said to be billed; null where there is no record any more. */
  readonly until: string | null;
  readonly segments: number;
}

/** Segments of one run, numbered without a hole, each beginning where the one before left off. @returns what is wrong */
const checkRun = (run: Run, entries: readonly LedgerDoc[]): string[] => {
  const wrong: string[] = [];
  const sorted = [...entries].sort((a, b) => a.n - b.n);
  if (sorted.length !== run.segments)
    wrong.push(`${run.name} has ${sorted.length} segments and counts ${run.segments}`);
  let at = run.start;
  for (const [i, entry] of sorted.entries()) {
    if (entry.n !== i) wrong.push(`${run.name} has no segment ${i}`);
    const back = entry.kind === 'correction';
    const [begins, ends] = back ? [entry.to, entry.from] : [entry.from, entry.to];
    if (begins !== at) wrong.push(`${run.name}: segment ${entry.n} goes on at ${begins}, the ledger stood at ${at}`);
    const ms = Date.parse(ends) - Date.parse(begins);
    if (entry.milliseconds !== ms)
      wrong.push(`${run.name}: segment ${entry.n} says ${entry.milliseconds} ms for ${ms}`);
    if (back !== ms < 0) wrong.push(`${run.name}: segment ${entry.n} is a ${entry.kind} of ${ms} ms`);
    at = ends;
  }
  if (sorted.length > 0 && run.until !== null && at !== run.until)
    wrong.push(`${run.name}: the ledger ends at ${at}, its record at ${run.until}`);
  return wrong;
};

const checkSession = (session: SessionDoc, entries: readonly LedgerDoc[]): string[] => {
  const name = `session ${session.id}`;
  const { started_at: start, metered_until: until, ledgered_until, open_nano } = session;
  const billed = entries.reduce((total, entry) => total + entry.nano_usd, open_nano);
  const wrong =
    billed === session.billed_nano
      ? []
      : [`${name} is billed ${session.billed_nano}, the ledger and its open hour have ${billed}`];
  if (start === null || until === null) {
    return entries.length === 0 ? wrong : [...wrong, `${name} never ran and has ${entries.length} segments`];
  }
  wrong.push(...checkRun({ name, start, until: ledgered_until, segments: session.segments }, entries));
  const whole = costNanoUsd(readPlan(session.bill), 0, Date.parse(until) - Date.parse(start), priceTable(REGION));
  if (entries.length > 0 && billed !== whole) wrong.push(`${name} is billed ${billed}, its whole run costs ${whole}`);
  if (isTerminal(session.status) && (session.ended_at !== until || ledgered_until !== until)) {
    wrong.push(`${name} ended at ${session.ended_at}, is billed to ${until} and in the ledger to ${ledgered_until}`);
  }
  return wrong;
};

/** Storage by its runs: one made again under an old name begins another, and those of what is removed stay. */
const checkStorage = (docs: Documents): string[] => {
  const runOf = ({ id }: LedgerDoc): string => id.slice(0, id.lastIndexOf(':'));
  const runs = Map.groupBy(
    docs.ledger.filter((entry) => entry.storage_id !== null),
    runOf,
  );
  const present = new Map(docs.storage.map((kept) => [`${kept.id}:${Date.parse(kept.created_at)}`, kept]));
  const billed = [...runs].flatMap(([name, entries]) => {
    const kept = present.get(name);
    const start = new Date(Number(name.slice(name.lastIndexOf(':') + 1))).toISOString();
    const until = kept?.ledgered_until ?? null;
    return checkRun({ name, start, until, segments: kept?.segments ?? entries.length }, entries);
  });
  const lacking = [...present].filter(([name, kept]) => kept.segments > 0 && !runs.has(name));
  return [...billed, ...lacking.map(([name]) => `${name} has no segments in the ledger`)];
};

/** The ledger held against what ran. @returns what is wrong */
export const auditLedger = (docs: Documents): string[] => {
  const bySession = Map.groupBy(docs.ledger, (entry) => entry.session_id ?? '');
  return [
    ...docs.sessions.flatMap((session) => checkSession(session, bySession.get(session.id) ?? [])),
    ...checkStorage(docs),
  ];
};
