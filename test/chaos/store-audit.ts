import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isTerminal } from '#domain/lifecycle.ts';
import { workspaceKey } from '#services/model/collections.ts';
import { workspaceLabel } from '#services/model/labels.ts';
import type { AccountDoc, ExecDoc, IdempotencyDoc, IntentDoc, SessionDoc } from '#services/model/docs.ts';
import type { LedgerDoc, StorageDoc, WorkspaceDoc } from '#services/model/docs.ts';

/** The documents of a store whose server is stopped. */
export interface Documents {
  readonly accounts: readonly AccountDoc[];
  readonly workspaces: readonly WorkspaceDoc[];
  readonly storage: readonly StorageDoc[];
  readonly sessions: readonly SessionDoc[];
  readonly intents: readonly IntentDoc[];
  readonly execs: readonly ExecDoc[];
  readonly ledger: readonly LedgerDoc[];
  readonly idempotency: readonly IdempotencyDoc[];
  /** Names of tasks that wait and are due already. */
  readonly dueTasks: readonly string[];
}

export const readDocuments = (dataDir: string, now: number): Documents => {
  const database = new DatabaseSync(join(dataDir, 'store.db'), { readOnly: true });
  try {
    const all = <T>(name: string): T[] =>
      database
        .prepare(`SELECT body FROM "doc_${name}"`)
        .all()
        .map((row) => JSON.parse(String(row['body'])) as T);
    return {
      accounts: all('accounts'),
      workspaces: all('workspaces'),
      storage: all('storage'),
      sessions: all('sessions'),
      intents: all('intents'),
      execs: all('execs'),
      ledger: all('ledger'),
      idempotency: all('idempotency'),
      dueTasks: database
        .prepare('SELECT task, name FROM queue_tasks WHERE done_at IS NULL AND due <= ?')
        .all(now)
        .map((row) => `${row['task']} ${row['name']}`),
    };
  } finally {
    database.close();
  }
};

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const where = <T>(list: readonly T[], holds: (item: T) => boolean): T[] => list.filter(holds);

/** What the accounts and workspaces count, counted again from what there is. @returns what differs */
export const auditCounters = (docs: Documents): string[] => {
  const wrong: string[] = [];
  const expect = (what: string, said: unknown, counted: unknown) => {
    if (JSON.stringify(said) !== JSON.stringify(counted)) {
      wrong.push(`${what} is ${JSON.stringify(said)}, counted ${JSON.stringify(counted)}`);
    }
  };
  for (const account of docs.accounts) {
    const of = `account ${account.owner}:`;
    const live = where(docs.sessions, (s) => s.live === true && s.workspace_owner === account.owner);
    expect(`${of} live_sessions`, account.live_sessions, live.length);
    const namespaces: Record<string, number> = {};
    for (const s of live) namespaces[`${s.user}|${s.namespace}`] = (namespaces[`${s.user}|${s.namespace}`] ?? 0) + 1;
    const counted_in = account.live_namespaces.map((at) => [`${at.user}|${at.namespace}`, at.sessions] as const);
    expect(`${of} namespaces`, counted_in.toSorted(), Object.entries(namespaces).toSorted());
    const counted = where(
      docs.workspaces,
      (w) => w.owner === account.owner && !w.is_default && (w.status !== 'deleted' || w.retained_until !== null),
    );
    expect(`${of} workspaces`, account.workspaces, counted.length);
    const volumes = where(docs.storage, (s) => s.owner === account.owner);
    const ledger = where(docs.ledger, (l) => l.owner === account.owner);
    const months = new Set([...Object.keys(account.months), ...ledger.map(({ from }) => from.slice(0, 7))]);
    for (const month of months) {
      const money = account.months[month] ?? { spent: 0, reserved: 0, storage_reserved: 0 };
      const stored = sum(volumes.map((s) => s.reservation[month] ?? 0));
      expect(
        `${of} spent in ${month}`,
        money.spent,
        sum(where(ledger, (l) => l.from.startsWith(month)).map((l) => l.nano_usd)) +
          sum(
            where([...live, ...volumes], (s) => s.ledgered_until?.startsWith(month) ?? false).map((s) => s.open_nano),
          ),
      );
      const mine = where(docs.sessions, (s) => s.workspace_owner === account.owner);
      expect(`${of} unpriced in ${month}`, money.unpriced ?? 0, sum(mine.map((s) => s.unpriced?.[month] ?? 0)));
      expect(`${of} storage reserved in ${month}`, money.storage_reserved, stored);
      expect(`${of} reserved in ${month}`, money.reserved, stored + sum(live.map((s) => s.reservation[month] ?? 0)));
    }
  }
  for (const workspace of docs.workspaces) {
    const key = workspaceKey(workspace.owner, workspace.workspace_id);
    const of = `workspace ${workspaceLabel(workspace)}:`;
    const kept = where(docs.storage, (s) => s.workspace_key === key);
    expect(
      `${of} live_sessions`,
      workspace.live_sessions,
      where(docs.sessions, (s) => s.live === true && s.workspace_key === key).length,
    );
    expect(`${of} volumes`, workspace.volumes, where(kept, (s) => s.kind === 'volume').length);
    expect(`${of} buckets`, workspace.buckets, where(kept, (s) => s.kind === 'bucket').length);
    expect(`${of} storage_gb`, workspace.storage_gb, sum(kept.map((s) => s.size_gb)));
    if (workspace.status === 'deleting') wrong.push(`${of} is still being deleted`);
  }
  return wrong;
};

/** What must be finished or gone when nothing is under way any more. @returns what is not */
export const auditEnds = (docs: Documents): string[] => {
  const wrong: string[] = [];
  const sessions = new Map(docs.sessions.map((session) => [session.id, session]));
  for (const intent of docs.intents) wrong.push(`intent ${intent.id} (${intent.kind}) is open: ${intent.last_error}`);
  for (const task of docs.dueTasks) wrong.push(`task ${task} is due`);
  for (const session of docs.sessions) {
    const over = isTerminal(session.status);
    if (over !== (session.live === null))
      wrong.push(`session ${session.id} is ${session.status} and live is ${session.live}`);
    if (over && Object.keys(session.reservation).length > 0)
      wrong.push(`session ${session.id} has ended and still reserves`);
    if (!over && session.status !== 'running') wrong.push(`session ${session.id} is still ${session.status}`);
  }
  for (const exec of docs.execs) {
    const session = sessions.get(exec.session_id);
    if (exec.status === 'running' && session && isTerminal(session.status)) {
      wrong.push(`exec ${exec.exec_id} runs in ${session.id}, which is ${session.status}`);
    }
  }
  for (const kept of docs.storage) if (kept.removing) wrong.push(`${kept.id} is still being removed`);
  const byOp = new Map<string, number>();
  for (const { labels } of docs.sessions) if (labels['op']) byOp.set(labels['op'], (byOp.get(labels['op']) ?? 0) + 1);
  for (const [op, made] of byOp) if (made > 1) wrong.push(`create ${op} made ${made} sessions`);
  for (const record of docs.idempotency) {
    if (record.kind === 'session' && !sessions.has(record.target))
      wrong.push(`an idempotency record points at ${record.target}`);
  }
  return wrong;
};
