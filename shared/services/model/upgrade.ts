import { readPlan } from '#domain/plan.ts';
import { signalNumber } from '#platform/signals.ts';
import type { Mount } from '#ports/compute.ts';
import { sessionTerms } from './terms.ts';
import type { AccountDoc, ExecDoc, LedgerDoc, SessionDoc, StorageDoc } from './docs.ts';

/** A document of an earlier release: the fields that were added since may be missing. */
type Earlier<T, Added extends keyof T> = Omit<T, Added> & Partial<Pick<T, Added>>;

type EarlierMount = Earlier<Mount, 'provider'>;

/** Before storage had kinds there was one. */
const mount = <M extends EarlierMount>(stored: M): M & Mount => ({ ...stored, provider: stored.provider ?? 'local' });

/** 0.1.0 kept what is billed and not what was accepted, no provider's name, and nothing that lists find it by. */
export const upgradeSession = (doc: SessionDoc): SessionDoc => {
  const stored: Earlier<SessionDoc, 'ref' | 'plan' | 'open_nano' | 'ledgered_until' | 'metered_every_ms' | 'terms'> =
    doc;
  if (stored.plan !== undefined && stored.open_nano !== undefined && stored.terms !== undefined) return doc;
  const { spec } = doc;
  return {
    ...doc,
    ref: stored.ref ?? null,
    terms: stored.terms ?? sessionTerms(doc),
    // Its ledger was written at each look.
    ledgered_until: stored.ledgered_until ?? doc.metered_until,
    open_nano: stored.open_nano ?? 0,
    metered_every_ms: stored.metered_every_ms ?? 60_000,
    plan: readPlan(stored.plan ?? doc.bill),
    bill: readPlan(doc.bill),
    spec: {
      ...spec,
      life_minutes: (spec as Earlier<typeof spec, 'life_minutes'>).life_minutes ?? doc.ttl_minutes,
      volume: spec.volume && mount(spec.volume),
      buckets: spec.buckets.map(mount),
    },
  };
};

/** 0.1.0 found the sessions that mount a volume by a query. */
export const upgradeStorage = (doc: StorageDoc): StorageDoc => {
  const stored: Earlier<StorageDoc, 'access' | 'held_by' | 'open_nano' | 'ledgered_until'> = doc;
  if (stored.held_by !== undefined && stored.open_nano !== undefined) return doc;
  return {
    ...doc,
    access: stored.access ?? 'many',
    held_by: stored.held_by ?? null,
    ledgered_until: stored.ledgered_until ?? doc.metered_until,
    open_nano: stored.open_nano ?? 0,
  };
};

/** 0.1.0 asked the user at each look of the meter, and told nobody what a budget comes to. */
export const upgradeAccount = (doc: AccountDoc): AccountDoc => {
  const stored: Earlier<AccountDoc, 'terminate_nano' | 'budget'> = doc;
  if (stored.terminate_nano !== undefined && stored.budget !== undefined) return doc;
  // Both are read from the user, together.
  return { ...doc, terminate_nano: 'unknown', budget: 'unknown' };
};

/** 0.1.0 always dropped the oldest output and did not record that, nor the number of a signal. */
export const upgradeExec = (doc: ExecDoc): ExecDoc => {
  const stored: Earlier<ExecDoc, 'when_full' | 'missing_from' | 'signal_number' | 'ran_at'> = doc;
  if (stored.signal_number !== undefined && stored.ran_at !== undefined) return doc;
  return {
    ...doc,
    ran_at: stored.ran_at ?? null,
    when_full: stored.when_full ?? 'drop_oldest',
    missing_from: stored.missing_from ?? null,
    signal_number: signalNumber(doc.signal ?? ''),
  };
};

/** 0.1.0 had one list of prices. */
export const upgradeLedger = (doc: LedgerDoc): LedgerDoc => {
  const stored: Earlier<LedgerDoc, 'price_list'> = doc;
  return stored.price_list === undefined ? { ...doc, price_list: 'onmemos' } : doc;
};
