import { Firestore } from '@google-cloud/firestore';
import { docAt } from '#drivers/store/firestore/documents.ts';
import { isTerminal } from '#domain/lifecycle.ts';
import { iso } from '#ports/clock.ts';
import type { Collection } from '#ports/store.ts';
import {
  accounts,
  execs,
  idempotency,
  intents,
  ledger,
  sessions,
  storage,
  workspaces,
} from '#services/model/collections.ts';
import type { Documents } from '../../chaos/store-audit.ts';
import type { Witness } from './taps.ts';

/** All documents of a deployment, read past its services and their driver. */
export const readCloudDocuments = async (host: string, project: string): Promise<Documents> => {
  const firestore = new Firestore({ projectId: project, host, ssl: false });
  const all = async <T>(collection: Collection<T>): Promise<readonly T[]> => {
    const { docs } = await firestore.collection(collection.name).get();
    return docs.map((doc) => docAt(collection, doc.id, doc.data(), { seconds: 0, nanos: 0 }).data);
  };
  try {
    return {
      accounts: await all(accounts),
      workspaces: await all(workspaces),
      storage: await all(storage),
      sessions: await all(sessions),
      intents: await all(intents),
      execs: await all(execs),
      ledger: await all(ledger),
      idempotency: await all(idempotency),
      dueTasks: [],
    };
  } finally {
    await firestore.terminate();
  }
};

/** A sandbox as the keeper lists it. */
export interface Sandbox {
  readonly key: string;
  readonly session_id: string;
  readonly ended: boolean;
}

/** Sandboxes that no session lives in, and records of ended ones that were not released. @returns what is wrong */
export const auditSandboxes = (docs: Documents, sandboxes: readonly Sandbox[]): string[] => {
  const live = new Map(docs.sessions.filter((session) => session.live === true).map((each) => [each.key, each]));
  const wrong = sandboxes
    .filter(({ key }) => !live.has(key))
    .map(({ key, ended }) => `sandbox ${key} has no session that lives${ended ? ', and has ended' : ''}`);
  const there = new Set(sandboxes.map(({ key }) => key));
  for (const { id, key, status } of live.values())
    if (status === 'running' && !there.has(key)) wrong.push(`session ${id} runs and has no sandbox`);
  return wrong;
};

/**
 * A late order made it after its removal had found none: its session was over by then. It is not billed, and is removed
 * as an orphan.
 */
const madeTooLate = ({ ran, absent }: Witness, key: string): boolean =>
  (ran.get(key)?.started_at ?? 0) >= (absent.get(key) ?? Number.POSITIVE_INFINITY);

/** Bills against what the keeper said of each sandbox when it answered the functions. @returns what is wrong */
export const auditSpans = (docs: Documents, witness: Witness): string[] =>
  docs.sessions.flatMap(({ id, key, status, started_at, ended_at, metered_until, billed_nano }) => {
    const seen = witness.ran.get(key);
    const [began, over] = [seen?.started_at ?? null, seen?.ended_at ?? null];
    if (seen === undefined) return started_at === null ? [] : [`session ${id} is said to have run, and no sandbox did`];
    if (!isTerminal(status)) return [];
    if (over === null) return [`session ${id} has ended, and the end of its sandbox was not seen`];
    if (madeTooLate(witness, key))
      return billed_nano === 0 ? [] : [`session ${id} is billed for a sandbox that was made after its end`];
    const wrong: string[] = [];
    if (began !== null && started_at !== iso(began))
      wrong.push(`session ${id} began at ${started_at}, its sandbox at ${iso(began)}`);
    if (ended_at !== iso(over) || metered_until !== iso(over))
      wrong.push(
        `session ${id} ended at ${ended_at} and is billed to ${metered_until}, its sandbox ended at ${iso(over)}`,
      );
    return wrong;
  });

/** Sandboxes that a late order made after the end of their session. */
export const countLate = ({ sessions: all }: Documents, witness: Witness): number =>
  all.filter(({ key }) => madeTooLate(witness, key)).length;
