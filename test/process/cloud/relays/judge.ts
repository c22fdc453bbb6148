import { isDeepStrictEqual } from 'node:util';
import type { Page, Store } from '#ports/store.ts';
import { COLLECTIONS, commits as markers, keys, sessions, workspaces } from '#services/model/collections.ts';
import { Documents } from '../../../simulation/doubles/documents.ts';
import { Bills } from '../../../simulation/oracle/bills.ts';
import { Lifecycle } from '../../../simulation/oracle/lifecycle.ts';
import { Limits } from '../../../simulation/oracle/limits.ts';
import { Notices } from '../../../simulation/oracle/notices.ts';
import { Records } from '../../../simulation/oracle/records.ts';
import { Bench } from '../../../simulation/oracle/witness.ts';
import type { CommitLog } from './commit-log.ts';
import type { ProviderRecord } from './provider-record.ts';

const PAGE = 1000;

/** Every document of a store, by its collection and id. */
const contentOf = async (store: Store): Promise<ReadonlyMap<string, unknown>> => {
  const found = new Map<string, unknown>();
  for (const collection of COLLECTIONS) {
    for (let cursor: string | null = null; ; ) {
      const page: Page<unknown> = await store.query(collection, {
        limit: PAGE,
        ...(cursor === null ? {} : { cursor }),
      });
      for (const { id, data } of page.docs) found.set(`${collection.name}/${id}`, data);
      cursor = page.next;
      if (cursor === null) break;
    }
  }
  return found;
};

export interface Judged {
  readonly commits: CommitLog;
  readonly provider: ProviderRecord;
  /** Reads the store without a relay. */
  readonly store: Store;
  /** Sessions, workspaces and keys of users that the life has made. */
  readonly made: { readonly sessions: number; readonly workspaces: number; readonly keys: number };
}

/**
 * Asks the questions of the simulation’s oracle of each commit, in the order of the server, and then of the end.
 * @returns what does not hold
 */
export const judge = async ({ commits, provider, store, made }: Judged): Promise<readonly string[]> => {
  const wrong: string[] = [];
  let now = 0;
  const bench = new Bench({
    timeline: {
      get now() {
        return now;
      },
      fail: (error) => void wrong.push(String(error)),
    },
    trace: { add: () => undefined },
  });
  const documents = new Documents(COLLECTIONS);
  const records = new Records(documents);
  const lifecycle = new Lifecycle(bench, records);
  const limits = new Limits(bench, records);
  const ended = (key: string) => {
    const record = provider.of(key);
    return record === null ? [] : [{ ...record, died_at: null, made: 0 }];
  };
  const bills = new Bills(bench, { seen: ended, madeTooLate: () => false }, () => true, 'us-central1');
  const rules = [lifecycle, bills, limits, new Notices(bench, records)];
  documents.observe((changes) => {
    for (const rule of rules) rule.committed(changes);
  });
  for (const { at, writes } of commits.inOrder()) {
    now = Number(at / 1_000_000n);
    documents.commit(
      writes.map(({ collection, id, data }) =>
        data === null ? documents.write('delete', collection, id) : documents.write('put', collection, id, data),
      ),
    );
  }
  lifecycle.ended();
  limits.ended();

  const there = await contentOf(store);
  const written = commits.inOrder().flatMap(({ writes }) => writes.map(({ collection, id }) => `${collection}/${id}`));
  for (const name of new Set([...there.keys(), ...written])) {
    const [collection = '', id = ''] = [name.slice(0, name.indexOf('/')), name.slice(name.indexOf('/') + 1)];
    if (!isDeepStrictEqual(documents.get(collection, id)?.data, there.get(name)))
      wrong.push(`${name} is not as its last commit has left it`);
  }
  const counts = {
    sessions: lifecycle.known.size,
    workspaces: documents.all(workspaces).filter(({ is_default }) => !is_default).length,
    keys: documents.all(keys).filter(({ user_id }) => user_id !== null).length,
  };
  if (!isDeepStrictEqual(counts, made)) wrong.push(`${JSON.stringify(made)} were asked for: ${JSON.stringify(counts)}`);
  // Every transaction of the services may be repeated, so that none needs a proof.
  if (documents.all(markers).length > 0) wrong.push('a marker was written');
  for (const { id, status } of documents.all(sessions))
    if (status !== 'terminated') wrong.push(`session ${id} is ${status}`);
  return wrong;
};
