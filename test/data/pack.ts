import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import type { LiveWorld } from './live.ts';

interface Options {
  /** The data folder of the world. */
  readonly from: string;
  /** Where it is kept. */
  readonly to: string;
  readonly world: LiveWorld;
  readonly commit: string;
}

/** What the keeper knows of sessions. */
const RECORDS = 'keeper/sessions';
/** In place of the boot of the machine on which the folder was made. */
const NO_BOOT = '00000000-0000-0000-0000-000000000000';

type Doc = Readonly<Record<string, unknown>>;

/** What the ledger comes to, in whole nano-dollars, as the commit's own documents say. */
export interface Expected {
  readonly commit: string;
  /** When server and keeper were killed. */
  readonly killed_at: string;
  readonly keys: LiveWorld['keys'];
  readonly repeatable: LiveWorld['repeatable'];
  /** By `group_by` of a report and the group's key: the whole of October, and the sessions of November. */
  readonly october: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly november_sessions: Readonly<Record<string, number>>;
  /** By `owner month`. */
  readonly owners: Readonly<
    Record<string, { readonly ledger: number; readonly spent: number; readonly storage_reserved: number }>
  >;
  readonly sessions: Readonly<Record<string, { readonly status: string; readonly billed_nano: number }>>;
  readonly storage: readonly {
    readonly id: string;
    readonly kind: string;
    readonly key: string;
    readonly size_gb: number;
    readonly retained: boolean;
  }[];
  readonly documents: Readonly<Record<string, number>>;
}

const sumBy = (entries: readonly Doc[], keyOf: (entry: Doc) => string): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const entry of entries) sums[keyOf(entry)] = (sums[keyOf(entry)] ?? 0) + Number(entry['nano_usd']);
  return sums;
};

/** How the commit's own report groups. */
const GROUPS: Readonly<Record<string, (entry: Doc) => string>> = {
  user: ({ user }) => String(user),
  workspace: ({ owner, workspace_id }) => `${owner}/${workspace_id}`,
  session: ({ session_id, storage_id }) => String(session_id ?? `storage ${storage_id}`),
  provider: ({ provider }) => String(provider),
  kind: ({ kind }) => String(kind),
  day: ({ from }) => String(from).slice(0, 10),
  month: ({ from }) => String(from).slice(0, 7),
};
const monthOf = ({ from }: Doc): string => String(from).slice(0, 7);

const expectedOf = (database: DatabaseSync, { world, commit }: Options): Expected => {
  const all = (collection: string): Doc[] =>
    database
      .prepare(`SELECT body FROM "doc_${collection}" ORDER BY id`)
      .all()
      .map(({ body }) => JSON.parse(String(body)) as Doc);
  const ledger = all('ledger');
  const october = ledger.filter((entry) => monthOf(entry) === '2026-10');
  const november = ledger.filter((entry) => monthOf(entry) === '2026-11' && entry['session_id'] !== null);
  const owners: Record<string, Expected['owners'][string]> = {};
  const byOwner = sumBy(ledger, (entry) => `${entry['owner']} ${monthOf(entry)}`);
  for (const { owner, months } of all('accounts')) {
    for (const [month, { spent, storage_reserved }] of Object.entries(
      months as Record<string, { spent: number; storage_reserved: number }>,
    )) {
      const sum = byOwner[`${owner} ${month}`] ?? 0;
      if (sum !== spent) throw new Error(`${owner} spent ${spent} in ${month}, and the ledger says ${sum}`);
      owners[`${owner} ${month}`] = { ledger: sum, spent, storage_reserved };
    }
  }
  const billed = sumBy(
    ledger.filter(({ session_id }) => session_id !== null),
    ({ session_id }) => String(session_id),
  );
  const sessions: Record<string, Expected['sessions'][string]> = {};
  for (const { id, status, billed_nano } of all('sessions')) {
    if ((billed[String(id)] ?? 0) !== billed_nano) throw new Error(`session ${id} and its ledger differ`);
    sessions[String(id)] = { status: String(status), billed_nano: Number(billed_nano) };
  }
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE name LIKE 'doc$_%' ESCAPE '$' AND type = 'table' ORDER BY name")
    .all();
  return {
    commit,
    killed_at: new Date(world.killed_at).toISOString(),
    keys: world.keys,
    repeatable: world.repeatable,
    october: Object.fromEntries(Object.entries(GROUPS).map(([name, keyOf]) => [name, sumBy(october, keyOf)])),
    november_sessions: sumBy(november, ({ session_id }) => String(session_id)),
    owners,
    sessions,
    storage: all('storage').map(({ id, kind, key, size_gb, retained_until }) => ({
      id: String(id),
      kind: String(kind),
      key: String(key),
      size_gb: Number(size_gb),
      retained: retained_until !== null,
    })),
    documents: Object.fromEntries(
      tables.map(({ name }) => [
        String(name).slice(4),
        Number(database.prepare(`SELECT count(*) AS n FROM "${name}"`).get()?.['n']),
      ]),
    ),
  };
};

/** @throws Error naming a file that says on which machine it was made */
const assertAnonymous = (name: string, text: string, from: string): void => {
  for (const word of [from, import.meta.dirname, hostname(), process.cwd(), '/root/', '/home/'])
    if (word.length > 2 && text.includes(word)) throw new Error(`${name} names ${word}`);
};

/** Keeps a data folder: what a backup has, and what the keeper has on record of sessions. */
export const pack = async (options: Options): Promise<{ folder: string; documents: number; bytes: number }> => {
  const { from, to } = options;
  await rm(to, { recursive: true, force: true });
  await mkdir(join(to, 'keeper'), { recursive: true });
  const path = join(from, 'store.db');
  const database = new DatabaseSync(path);
  const expected = expectedOf(database, options);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  const store = await readFile(path);
  assertAnonymous('store.db', store.toString('latin1'), from);
  await writeFile(join(to, 'store.db.gz'), gzipSync(store, { level: 9 }));
  for (const name of ['keyring.json', 'admin.key', 'volumes', 'buckets', RECORDS])
    await cp(join(from, name), join(to, name), { recursive: true });
  for (const name of await readdir(join(to, RECORDS))) {
    const record = JSON.parse(await readFile(join(to, RECORDS, name), 'utf8')) as Doc;
    await writeFile(join(to, RECORDS, name), `${JSON.stringify({ ...record, boot_id: NO_BOOT }, null, 2)}\n`);
  }
  await writeFile(join(to, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
  let bytes = 0;
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    bytes += (await stat(file)).size;
    assertAnonymous(file, await readFile(file, 'latin1'), from);
  }
  return { folder: to, documents: Object.values(expected.documents).reduce((sum, n) => sum + n, 0), bytes };
};
