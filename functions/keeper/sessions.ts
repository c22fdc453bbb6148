import { CallError } from '#platform/protocol/call-error.ts';
import type { Clock } from '#ports/clock.ts';
import type { Observation } from '#ports/compute.ts';
import { type Deadline, NOTHING_MEASURED, type Usage } from '#ports/exec.ts';
import type { Logger } from '#ports/logger.ts';
import type { OtherKeeperSession, OtherKeepers } from './other-keepers.ts';
import { FilesExhausted, type OpenFiles } from './open-files.ts';
import type { RecordStore, SessionRecord } from './record-store.ts';
import type { SandboxHost, SandboxSpec } from './sandbox/types.ts';
import { Session } from './session.ts';

/** How long ended sessions are remembered, unless the server has them forgotten earlier. */
const REMEMBER_MS = 24 * 60 * 60 * 1000;
/** A removal that takes longer than its grace period plus this is answered with the session's present state. */
const REMOVE_WAIT_MS = 10_000;

export interface SessionsOptions {
  readonly host: SandboxHost;
  readonly records: RecordStore;
  readonly others: OtherKeepers;
  readonly clock: Clock;
  readonly log: Logger;
  readonly boot_id: string;
  /** How long a command waits at a full log for a reader that is not there, milliseconds. */
  readonly hold_wait_ms: number;
  readonly files: OpenFiles;
  /** Why the machine can take no further session now, or null. */
  readonly createRefusal: () => Promise<string | null>;
  /** The number of live sessions changed. */
  readonly changed: () => void;
}

/** The keeper can't do what was asked. `code` tells whether the same call may succeed later. */
export class KeeperRefusal extends CallError {
  override readonly name = 'KeeperRefusal';
  declare readonly code: 'refused' | 'failed' | 'sessions_running' | 'other_keeper';
}

/** For a session of a keeper of another version: it is listed but can't be reached. */
export const otherKeeperError = (): KeeperRefusal =>
  new KeeperRefusal(
    'other_keeper',
    'The session belongs to a keeper of another version, so this server can’t reach it. It runs until it expires. Create a new session.',
  );

/** A session as a list has it. */
export interface ListedSession {
  readonly key: string;
  readonly session_id: string;
  readonly created_at: number;
  readonly ended: boolean;
  /** False where another keeper has it. */
  readonly reachable: boolean;
}

/** Every session of this keeper, live or remembered, by key, and what other keepers have. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #live = new Map<string, Session>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get live(): number {
    return this.#live.size;
  }

  find(key: string): Session | null {
    return this.#live.get(key) ?? null;
  }

  /** Creates the session once, however often this is called, and never after it has run. @throws KeeperRefusal */
  async ensure(spec: SandboxSpec, deadline: Deadline): Promise<Observation> {
    const ran = this.#live.has(spec.key) ? null : await this.#ran(spec.key);
    if (ran) return ran;
    const session = this.#live.get(spec.key) ?? (await this.#create(spec, deadline));
    try {
      await session.started;
    } catch (error) {
      throw new KeeperRefusal('failed', error instanceof Error ? error.message : String(error));
    }
    return this.observe(spec.key);
  }

  async observe(key: string): Promise<Observation> {
    const session = this.#live.get(key);
    if (session) return this.#observed(session);
    const other = await this.inOtherKeeper(key);
    if (other) return this.#recorded(other.record, other.seen_at);
    const record = this.#options.records.get(key);
    return record ? this.#recorded(record) : this.#absent();
  }

  /** The record of a session that another living keeper has and this one does not. */
  async inOtherKeeper(key: string): Promise<OtherKeeperSession | null> {
    const known = this.#live.has(key) || this.#options.records.get(key) !== null;
    return known ? null : this.#options.others.find(key);
  }

  async usage(key: string): Promise<Usage> {
    return (await this.#live.get(key)?.usage()) ?? NOTHING_MEASURED;
  }

  /** Ends the session; answers at the latest some seconds after its grace. @throws KeeperRefusal */
  async remove(key: string, grace_ms: number): Promise<Observation> {
    const session = this.#live.get(key);
    if (session) {
      const timeUp = Promise.withResolvers<void>();
      const timer = this.#options.clock.timer(grace_ms + REMOVE_WAIT_MS, timeUp.resolve);
      await Promise.race([session.end({ reason: null, message: null }, grace_ms), timeUp.promise]);
      timer.cancel();
    } else if ((await this.inOtherKeeper(key))?.record.state === 'running') throw otherKeeperError();
    return this.observe(key);
  }

  async forget(key: string): Promise<void> {
    if (!this.#live.has(key)) await this.#options.records.remove(key);
  }

  /** Live sessions, here or with another keeper, and ended ones that are not forgotten yet. */
  async list(): Promise<ListedSession[]> {
    const others = await this.#options.others.running();
    const live = [...this.#live.values()].map(({ spec, created_at }) => ({
      ...{ key: spec.key, session_id: spec.session_id, created_at, ended: false, reachable: true },
    }));
    const unreachable = others.map(({ key, session_id, created_at }) => ({
      ...{ key, session_id, created_at, ended: false, reachable: false },
    }));
    const ended = this.#options.records
      .all()
      .filter(({ key }) => !this.#live.has(key) && !unreachable.some((other) => other.key === key))
      .map(({ key, session_id, created_at }) => ({ key, session_id, created_at, ended: true, reachable: true }));
    return [...live, ...unreachable, ...ended];
  }

  async endAll(grace_ms: number): Promise<void> {
    await Promise.all(
      [...this.#live.values()].map((session) => session.end({ reason: null, message: null }, grace_ms)),
    );
  }

  /** Drops what is remembered longer than a day. */
  async prune(): Promise<void> {
    const oldest = this.#options.clock.now() - REMEMBER_MS;
    for (const record of this.#options.records.all()) {
      if (record.state !== 'running' && (record.ended_at ?? record.created_at) < oldest) {
        await this.#options.records.remove(record.key);
      }
    }
  }

  /** Sessions that an earlier keeper left as running died with it. */
  async adoptRecords(): Promise<void> {
    for (const record of this.#options.records.all()) {
      if (record.state === 'running') await this.#options.records.put(this.#lost(record));
    }
    await this.#options.others.takeOver();
    await this.prune();
  }

  /** Takes the record of a keeper that has ended in another slot. */
  async adopt(record: SessionRecord): Promise<void> {
    if (this.#live.has(record.key) || this.#options.records.get(record.key) !== null) return;
    await this.#options.records.put(record.state === 'running' ? this.#lost(record) : record);
  }

  #lost(record: SessionRecord): SessionRecord {
    const message =
      record.boot_id === this.#options.boot_id
        ? 'The process that kept the session on this machine died.'
        : 'The machine was restarted.';
    return { ...record, state: 'lost', reason: 'keeper_lost', message };
  }

  /** The state of a session that has run, here or elsewhere, or was removed: it is not created again. Else null. */
  async #ran(key: string): Promise<Observation | null> {
    const other = await this.inOtherKeeper(key);
    const record = other?.record ?? this.#options.records.get(key);
    if (!record || (record.started_at === null && !record.removed)) return null;
    return this.#recorded(record, other?.seen_at);
  }

  async #create(spec: SandboxSpec, deadline: Deadline): Promise<Session> {
    const refusal = await this.#options.createRefusal();
    const present = this.#live.get(spec.key);
    if (present) return present;
    if (refusal) throw new KeeperRefusal('refused', refusal);
    const { host, clock, log, hold_wait_ms, files } = this.#options;
    const give = this.#files();
    const session = new Session(spec, deadline, {
      ...{ host, clock, log, hold_wait_ms, files },
      started: (running, started_at) => this.#options.records.put({ ...this.#record(running, 'running'), started_at }),
      ended: (session) => this.#ended(session).finally(give),
    });
    this.#live.set(spec.key, session);
    this.#options.changed();
    return session;
  }

  /** @throws KeeperRefusal */
  #files(): () => void {
    try {
      return this.#options.files.take('session');
    } catch (error) {
      throw error instanceof FilesExhausted ? new KeeperRefusal('refused', error.message) : error;
    }
  }

  async #ended(session: Session): Promise<void> {
    try {
      await this.#options.records.put(this.#record(session, 'ended'));
    } catch (error) {
      this.#options.log.error({ error, key: session.spec.key }, 'the record of a session could not be written');
    }
    this.#live.delete(session.spec.key);
    const { reason = null, message = null } = session.end_cause ?? {};
    this.#options.log.info({ key: session.spec.key, reason, why: message }, 'a session ended');
    this.#options.changed();
  }

  #record(session: Session, state: 'running' | 'ended'): SessionRecord {
    return {
      key: session.spec.key,
      session_id: session.spec.session_id,
      state,
      created_at: session.created_at,
      started_at: session.started_at,
      ended_at: session.ended_at,
      reason: session.end_cause?.reason ?? null,
      message: session.end_cause?.message ?? null,
      removed: state === 'ended' && session.end_cause?.reason === null,
      boot_id: this.#options.boot_id,
    };
  }

  #observed(session: Session): Observation {
    return {
      // A session that is ending still runs and costs until its resources are gone.
      state: session.started_at === null ? 'starting' : 'running',
      started_at: session.started_at,
      ended_at: null,
      seen_at: this.#options.clock.now(),
      reason: session.end_cause?.reason ?? null,
      message: session.end_cause?.message ?? null,
      details: session.details,
    };
  }

  /** Only the record of another keeper can be `running` here. */
  #recorded(record: SessionRecord, seen_at: number = this.#options.clock.now()): Observation {
    const { started_at, ended_at, reason, message } = record;
    const state = { running: 'running', ended: 'ended', lost: 'absent' } as const;
    return { state: state[record.state], started_at, ended_at, seen_at, reason, message };
  }

  #absent(): Observation {
    const seen_at = this.#options.clock.now();
    return { state: 'absent', started_at: null, ended_at: null, seen_at, reason: null, message: null };
  }
}
