import { ENTITLEMENTS } from '#domain/entitlements.ts';
import { isTerminal } from '#domain/lifecycle.ts';
import {
  accounts,
  ledger,
  rollups,
  sessions,
  storage,
  users,
  workspaceKey,
  workspaces,
} from '#services/model/collections.ts';
import type { AccountDoc, LedgerDoc, RollupDoc, SessionDoc, StorageDoc, WorkspaceDoc } from '#services/model/docs.ts';
import { sessionLimit } from '#services/users/wire.ts';
import type { Change } from '../doubles/documents.ts';
import { changesOf, type Records } from './records.ts';
import type { Bench, Rules } from './witness.ts';

interface Money {
  reserved: number;
  storage_reserved: number;
}

const COUNTED = new Set([accounts, sessions, storage, workspaces, users, ledger].map(({ name }) => name));

/** Checks at every commit that each count equals the number of existing objects and is within its limit. */
export class Limits implements Rules {
  readonly #bench: Bench;
  readonly #records: Records;
  /** By owner and month: the sum of the ledger, and the part of it for sessions. */
  readonly #spent = new Map<string, { all: number; compute: number }>();

  readonly #sums = new Map<string, number>();
  /** By owner and month: the most that sessions may have cost beyond what is billed. */
  readonly #unpriced = new Map<string, number>();

  constructor(bench: Bench, records: Records) {
    this.#bench = bench;
    this.#records = records;
  }

  committed(changes: readonly Change[]): void {
    for (const { id, before, after } of changesOf(changes, ledger)) {
      this.#bench.demand(before === null && after !== null, 'the ledger is only added to', { id });
      if (after) this.#add(after);
    }
    for (const { before, after } of changesOf(changes, rollups)) this.#rolled(before, after);
    for (const { before, after } of changesOf(changes, sessions)) this.#bound(before, after);
    if (!changes.some(({ collection }) => COUNTED.has(collection))) return;
    const live = this.#records.sessions().filter(({ status }) => !isTerminal(status));
    const kept = this.#records.storage();
    for (const account of this.#records.accounts()) this.#account(account, live, kept);
    for (const workspace of this.#records.workspaces()) this.#workspace(workspace, live, kept);
    for (const session of live) {
      const workspace = this.#records.workspace(session.workspace_key);
      this.#bench.demand(workspace !== null && workspace.status !== 'deleted', 'a live session has its workspace', {
        id: session.id,
        workspace: workspace?.status ?? null,
      });
    }
    for (const piece of kept) this.#held(piece, live);
    for (const { before, after } of changesOf(changes, sessions)) if (!before && after) this.#fits(after);
  }

  ended(): void {
    for (const account of this.#records.accounts()) {
      for (const [month, { reserved, storage_reserved }] of Object.entries(account.months)) {
        this.#bench.demand(reserved === storage_reserved, 'what sessions reserved is given back at the end', {
          owner: account.owner,
          month,
          reserved,
          storage_reserved,
        });
      }
      this.#bench.demand(account.live_sessions === 0, 'no slot is held at the end', account);
    }
  }

  #add({ owner, from, nano_usd, kind }: LedgerDoc): void {
    const key = `${owner} ${from.slice(0, 7)}`;
    const sum = this.#spent.get(key) ?? { all: 0, compute: 0 };
    sum.all += nano_usd;
    if (kind !== 'storage') sum.compute += nano_usd;
    this.#spent.set(key, sum);
  }

  /** What has no price stays, also when the record of its session is removed. */
  #bound(before: SessionDoc | null, after: SessionDoc | null): void {
    if (after === null) return;
    for (const month of Object.keys({ ...before?.unpriced, ...after.unpriced })) {
      const key = `${after.workspace_owner} ${month}`;
      const more = (after.unpriced?.[month] ?? 0) - (before?.unpriced?.[month] ?? 0);
      this.#unpriced.set(key, (this.#unpriced.get(key) ?? 0) + more);
    }
  }

  /** The sums of a month are those of its ledger. */
  #rolled(before: RollupDoc | null, after: RollupDoc | null): void {
    const rows = after?.rows ?? [];
    const added = [...rows, ...(before?.rows ?? []).map((row) => ({ ...row, nano_usd: -row.nano_usd }))];
    const key = `${after?.owner} ${after?.month}`;
    const sum = added.reduce((total, row) => total + row.nano_usd, this.#sums.get(key) ?? 0);
    this.#sums.set(key, sum);
    this.#bench.count('sums kept');
    this.#bench.demand(sum === this.#spent.get(key)?.all, 'the sums of a month are those of its ledger', { key, sum });
  }

  #account(account: AccountDoc, live: readonly SessionDoc[], kept: readonly StorageDoc[]): void {
    const { owner } = account;
    const mine = live.filter((session) => session.workspace_owner === owner);
    const user = this.#records.user(owner);
    if (!user) return;
    const namespaces: Record<string, number> = {};
    for (const { user: who, namespace } of mine) {
      namespaces[`${who}|${namespace}`] = (namespaces[`${who}|${namespace}`] ?? 0) + 1;
    }
    const demand = this.#bench.demand.bind(this.#bench);
    demand(account.live_sessions === mine.length, 'the account counts its live sessions', {
      owner,
      counted: account.live_sessions,
      there: mine.length,
    });
    const { live_namespaces } = account;
    const same =
      Object.keys(namespaces).length === live_namespaces.length &&
      live_namespaces.every((at) => namespaces[`${at.user}|${at.namespace}`] === at.sessions);
    demand(same, 'the account counts its namespaces', { namespaces, live_namespaces });
    const limits = ENTITLEMENTS[user.user_type];
    demand(mine.length <= sessionLimit(user), 'never more live sessions than the quota', { owner, there: mine.length });
    if (!limits.cross_namespace) {
      const spread = new Set(mine.filter((session) => session.user === owner).map((session) => session.namespace));
      demand(spread.size <= 1, 'one namespace at a time without cross-namespace', { owner, spread: [...spread] });
    }
    const counted = this.#records
      .workspaces()
      .filter((doc) => doc.owner === owner && !doc.is_default && (doc.status !== 'deleted' || doc.retained_until));
    demand(account.workspaces === counted.length, 'the account counts its workspaces', {
      owner,
      counted: account.workspaces,
      there: counted.map(({ workspace_id, status, retained_until }) => [workspace_id, status, retained_until]),
    });
    demand(counted.length <= limits.workspaces, 'never more workspaces than the quota', { owner });
    this.#money(account, mine, kept);
  }

  #money(account: AccountDoc, mine: readonly SessionDoc[], kept: readonly StorageDoc[]): void {
    const { owner } = account;
    const user = this.#records.user(owner);
    const held = new Map<string, Money>();
    const hold = (reservation: Readonly<Record<string, number>>, ofStorage: boolean): void => {
      for (const [month, nano] of Object.entries(reservation)) {
        const sum = held.get(month) ?? { reserved: 0, storage_reserved: 0 };
        sum.reserved += nano;
        if (ofStorage) sum.storage_reserved += nano;
        held.set(month, sum);
      }
    };
    const open = new Map<string, { all: number; compute: number }>();
    const owe = (
      { ledgered_until, open_nano }: Pick<SessionDoc, 'ledgered_until' | 'open_nano'>,
      compute: boolean,
    ): void => {
      const month = (ledgered_until ?? '').slice(0, 7);
      const sum = open.get(month) ?? { all: 0, compute: 0 };
      open.set(month, { all: sum.all + open_nano, compute: sum.compute + (compute ? open_nano : 0) });
    };
    for (const session of mine) {
      hold(session.reservation, false);
      owe(session, true);
    }
    for (const piece of kept) {
      if (piece.owner !== owner) continue;
      hold(piece.reservation, true);
      owe(piece, false);
    }
    for (const month of new Set([...held.keys(), ...Object.keys(account.months)])) {
      const now = account.months[month] ?? { spent: 0, reserved: 0, storage_reserved: 0 };
      const unpriced = now.unpriced ?? 0;
      const sum = held.get(month) ?? { reserved: 0, storage_reserved: 0 };
      const inLedger = this.#spent.get(`${owner} ${month}`) ?? { all: 0, compute: 0 };
      const unwritten = open.get(month) ?? { all: 0, compute: 0 };
      const spent = { all: inLedger.all + unwritten.all, compute: inLedger.compute + unwritten.compute };
      const facts = { owner, month, now, held: sum, spent };
      const demand = this.#bench.demand.bind(this.#bench);
      demand(
        now.reserved === sum.reserved && now.storage_reserved === sum.storage_reserved,
        'what is reserved is what its holders hold',
        facts,
      );
      demand(now.spent === spent.all, 'what is spent is what the ledger and the open hours have', facts);
      const bounded = this.#unpriced.get(`${owner} ${month}`) ?? 0;
      demand(unpriced === bounded, 'what is unpriced is what the sessions say', { ...facts, bounded });
      if (unpriced > 0) this.#bench.count('months with what has no price');
      const limit = user?.monthly_budget_nano ?? null;
      if (limit === null || user?.budget_action !== 'refuse') continue;
      demand(
        spent.compute + unpriced + now.reserved - now.storage_reserved <= limit,
        'sessions never pass a budget that refuses',
        { ...facts, limit },
      );
    }
  }

  /** Checks the holders on the record of a volume or bucket, by which a create and a removal decide. */
  #held({ id, held_by }: StorageDoc, live: readonly SessionDoc[]): void {
    const holders = live.filter(({ mounts }) => mounts.includes(id)).map((session) => session.id);
    const same = held_by?.length === holders.length && holders.every((holder) => held_by.includes(holder));
    this.#bench.demand(same, 'storage names the live sessions that mount it', { id, held_by, holders });
  }

  #workspace(workspace: WorkspaceDoc, live: readonly SessionDoc[], kept: readonly StorageDoc[]): void {
    const key = workspaceKey(workspace.owner, workspace.workspace_id);
    const inside = live.filter((session) => session.workspace_key === key);
    const pieces = kept.filter((piece) => piece.workspace_key === key);
    const there = {
      live_sessions: inside.length,
      volumes: pieces.filter(({ kind }) => kind === 'volume').length,
      buckets: pieces.filter(({ kind }) => kind === 'bucket').length,
      storage_gb: pieces.reduce((sum, piece) => sum + piece.size_gb, 0),
    };
    for (const [field, value] of Object.entries(there)) {
      this.#bench.demand(Reflect.get(workspace, field) === value, 'the workspace counts what it has', {
        key,
        field,
        counted: Reflect.get(workspace, field),
        there: value,
      });
    }
    const user = this.#records.user(workspace.owner);
    if (!user) return;
    const limits = ENTITLEMENTS[user.user_type];
    const within =
      there.volumes <= limits.volumes && there.buckets <= limits.buckets && there.storage_gb <= limits.storage_gb;
    this.#bench.demand(within, 'never more storage than the quota', { key, there });
  }

  /** Checks that a create keeps to the whole budget, including storage. */
  #fits(session: SessionDoc): void {
    const user = this.#records.user(session.workspace_owner);
    const account = this.#records.accounts().find(({ owner }) => owner === session.workspace_owner);
    const limit = user?.monthly_budget_nano ?? null;
    if (limit === null || user?.budget_action !== 'refuse' || !account) return;
    for (const month of Object.keys(session.reservation)) {
      const now = account.months[month];
      if (now === undefined) continue;
      const used = now.spent + (now.unpriced ?? 0);
      this.#bench.demand(used + now.reserved <= limit, 'a create fits into the budget', { month, now, limit });
    }
  }
}
