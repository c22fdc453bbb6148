import { isTerminal } from '#domain/lifecycle.ts';
import { systemClock } from '#platform/clock.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { intents, sessions } from '#services/model/collections.ts';
import { clientOf } from '../../../api/support/client.ts';
import { Calls, type Disturbed, type Point } from './calls.ts';
import { type Deployment, deploy } from './deployment.ts';
import { judge } from './judge.ts';
import type { Emulator, Lane } from './lane.ts';
import { isHidden, isQuick } from './points.ts';

const MINUTE_MS = 60_000;
/** How long a state may take before time passes and the schedule runs once more, where it need not come by itself. */
const PATIENCE_MS = { by_itself: 120_000, by_schedule: 5_000 } as const;
/** An abandoned transaction keeps its locks for a minute, so that a call may be refused for so long. */
const LONGEST_MS = 240_000;
const USER = 'ann';

export interface Told {
  /** What does not hold. */
  readonly wrong: readonly string[];
  /** The calls of the life, in order. */
  readonly made: readonly Point[];
  /** Whether the call that was to be disturbed was made. */
  readonly met: boolean;
  /** Requests that the client repeated, and how often the schedule had to find what nothing else did. */
  readonly repeats: number;
  readonly rescues: number;
}

interface Ask {
  readonly key: string;
  readonly body?: unknown;
  /** The Idempotency-Key. */
  readonly once?: string;
}

/** Asks as an SDK does: what failed on the way, or may succeed later, is asked again by the same key. */
class Person {
  readonly #deployment: Deployment;
  /** What was answered to requests that were repeated. */
  readonly repeats: string[] = [];

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  async ask<T>(line: string, { key, body, once }: Ask): Promise<T> {
    const [method = '', path = ''] = line.split(' ');
    const call = clientOf(this.#deployment.api, key);
    const headers = once === undefined ? {} : { 'Idempotency-Key': once };
    const until = systemClock.monotonic() + LONGEST_MS;
    for (let tries = 0; ; tries++) {
      const answer = await call(path, { method, headers, ...(body === undefined ? {} : { body }) });
      if (answer.status === 200) return answer.json as T;
      // An earlier try has done it.
      if (method === 'DELETE' && answer.status === 404 && tries > 0) return answer.json as T;
      const passes = answer.status >= 500 || answer.status === 429;
      if (!passes || systemClock.monotonic() > until)
        throw new Error(`${line}: ${answer.status} ${answer.text} after ${tries + 1} tries`);
      this.repeats.push(`${line}: ${answer.status} ${answer.text}`);
      await systemClock.sleep(
        Math.min(2_000, Number(answer.headers.get('retry-after') ?? 0) * 1000 || 100 * 2 ** tries),
      );
    }
  }
}

/** How the life of a session goes: it is used and then deleted, or its time is over. */
export const STORIES = ['deleted', 'expired'] as const;
export type Story = (typeof STORIES)[number];

/** One life of a deployment, in which at most one call is disturbed. */
class Life {
  readonly #deployment: Deployment;
  readonly #calls: Calls;
  readonly #person: Person;
  readonly #patienceMs: number;
  rescues = 0;
  /** Keys that were asked for, each by an Idempotency-Key of its own. */
  keys = 0;

  constructor(deployment: Deployment, calls: Calls, patienceMs: number) {
    this.#deployment = deployment;
    this.#calls = calls;
    this.#patienceMs = patienceMs;
    this.#person = new Person(deployment);
  }

  get repeats(): readonly string[] {
    return this.#person.repeats;
  }

  async live(story: Story, admin: string): Promise<void> {
    this.#calls.counting = story === 'deleted';
    const ask = <T = Record<string, string>>(line: string, send: Ask): Promise<T> => this.#person.ask<T>(line, send);
    await ask(`PUT /v1/users/${USER}`, { key: admin, body: { user_type: 'enterprise', monthly_budget_usd: 100 } });
    const key = await this.#key(admin);
    const workspace = { user_id: USER, workspace_id: 'ws', name: 'ws', resource_package: 'dev_micro' };
    await ask('POST /v1/workspaces', { key, body: workspace, once: 'workspace' });
    // The other story has counted all of that.
    this.#calls.counting = true;
    const id = await this.#create(key);
    if (story === 'deleted') await this.#used(id, key, admin);
    else this.#deployment.pass(301 * MINUTE_MS);
    await this.#until(`session ${id} has ended`, async () => isTerminal((await this.#statusOf(id)) ?? 'creating'));
    await ask(`DELETE /v1/workspaces/${USER}/ws/volumes/default`, { key });
    await this.#over();
  }

  /** Where its secret was lost with an answer, the same key has no more of it, and another is made. */
  async #key(admin: string): Promise<string> {
    for (;;) {
      this.keys += 1;
      const send = { key: admin, body: { name: 'k', user_id: USER }, once: `key ${this.keys}` };
      const { secret } = await this.#person.ask<{ readonly secret?: string }>('POST /v1/keys', send);
      if (secret !== undefined) return secret;
    }
  }

  /** A command, a new end, a new budget, a bill, and the end. */
  async #used(id: string, key: string, admin: string): Promise<void> {
    const ask = <T = Record<string, string>>(line: string, send: Ask): Promise<T> => this.#person.ask<T>(line, send);
    const command = { command: 'echo ran >> ran; cat ran' };
    const ran = await ask(`POST /v1/sessions/${id}/execute`, { key, body: command, once: 'command' });
    if (ran['stdout'] !== 'ran\n') throw new Error(`the command did not run once: ${JSON.stringify(ran)}`);
    await ask(`PATCH /v1/sessions/${id}`, { key, body: { ttl_minutes: 600 } });
    await this.#until('the new end is held', async () => (await this.#openIntents()) === 0);
    await ask(`PUT /v1/users/${USER}`, { key: admin, body: { user_type: 'enterprise', monthly_budget_usd: 50 } });
    // The meter’s period is ten minutes.
    this.#deployment.pass(11 * MINUTE_MS);
    await this.#tick();
    await ask(`DELETE /v1/sessions/${id}`, { key });
  }

  async #create(key: string): Promise<string> {
    const body = {
      ...{ user: USER, namespace: 'n', workspace_id: 'ws', ttl_minutes: 300, labels: { operation: 'create' } },
      ...{ request_persistent_storage: true, persistent_storage_size_gb: 1 },
    };
    const { id } = await this.#person.ask<{ id: string }>('POST /v1/sessions?wait=12', { key, body, once: 'create' });
    await this.#until(`session ${id} runs`, async () => (await this.#statusOf(id)) === 'running');
    return id;
  }

  async #statusOf(id: string) {
    return (await this.#deployment.store.get(sessions, id))?.data.status;
  }

  async #openIntents(): Promise<number> {
    return (await this.#deployment.store.query(intents, { limit: 10 })).docs.length;
  }

  /** A minute passes, and the schedule calls, until it has run all jobs. */
  async #tick(): Promise<void> {
    const until = systemClock.monotonic() + LONGEST_MS;
    while (!(await this.#deployment.tick())) {
      if (systemClock.monotonic() > until) throw new Error('no tick runs all jobs');
      this.#deployment.pass(MINUTE_MS);
    }
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const until = systemClock.monotonic() + LONGEST_MS;
    for (let next = systemClock.monotonic() + this.#patienceMs; !(await holds()); await systemClock.sleep(25)) {
      if (systemClock.monotonic() > until) throw new Error(`not in time: ${what}`);
      if (systemClock.monotonic() < next) continue;
      this.rescues += 1;
      this.#deployment.pass(MINUTE_MS + 1_000);
      await this.#deployment.tick();
      next = systemClock.monotonic() + this.#patienceMs;
    }
  }

  /** Until nothing is left to be done, and nothing is left with the keeper. */
  async #over(): Promise<void> {
    const { deps, pass, settle } = this.#deployment;
    await settle();
    const [compute] = deps.scheduler.computes.all;
    const left = async (): Promise<readonly string[]> => [
      ...((await compute?.list()) ?? []).map(({ session_id }) => `sandbox of ${session_id}`),
      ...(await Promise.all(deps.scheduler.storages.all.map((driver) => driver.list())))
        .flat()
        .map(({ place }) => `storage ${place.key}`),
      ...(await this.#deployment.store.query(intents, { limit: 10 })).docs.map(({ id }) => `intent ${id}`),
    ];
    for (let round = 0; ; round++) {
      pass(MINUTE_MS + 1_000);
      await this.#tick();
      await settle();
      // Every further tick is like this one.
      this.#calls.counting = false;
      const all = await left();
      if (all.length === 0) return;
      if (round === 10) throw new Error(`left at the end: ${all.join(', ')}`);
    }
  }
}

/** Lives once, with at most one call disturbed, and asks then what came of it. */
export const liveOnce = async (
  emulator: Emulator,
  lane: Lane,
  story: Story,
  disturbed: Disturbed | null,
): Promise<Told> => {
  const calls = new Calls(disturbed);
  const deployment = await deploy(emulator, lane, calls);
  // What is over soon is tried again by drivers and queue, and is nothing for the schedule.
  const byItself = disturbed === null || isQuick(disturbed);
  const life = new Life(deployment, calls, PATIENCE_MS[byItself ? 'by_itself' : 'by_schedule']);
  const wrong: string[] = [];
  try {
    const admin = await bootstrapAdminKey(deployment.deps.api, 'admin', async () => {});
    await life
      .live(story, admin)
      .catch((error: unknown) => void wrong.push(error instanceof Error ? error.message : String(error)));
    calls.counting = false;
    await deployment.settle();
    const { commits, provider, store } = deployment;
    wrong.push(...(await judge({ commits, provider, store, made: { sessions: 1, workspaces: 1, keys: life.keys } })));
    if (byItself && life.rescues > 0) wrong.push(`the schedule had to help ${life.rescues} times`);
    // 503 is an answer to be repeated, such as that of a session that has not confirmed its new end in time.
    const failed = life.repeats.filter((answer) => !answer.includes(': 503 '));
    if (disturbed === null || isHidden(disturbed)) wrong.push(...failed.map((answer) => `a request failed: ${answer}`));
  } finally {
    await deployment.close();
  }
  const { made, met } = calls;
  return { wrong, made, met, repeats: life.repeats.length, rescues: life.rescues };
};
