import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionWire } from '#services/model/docs.ts';
import { intentKey, intents, sessions } from '#services/model/collections.ts';
import type { Compute } from '#ports/compute.ts';
import type { ExecChannel } from '#ports/exec.ts';
import type { QueuedTask } from '#ports/queue.ts';
import { epochMs } from '#ports/clock.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { convergeSession } from '#services/lifecycle/converge.ts';
import { sweepExpired } from '#services/sweeps/expired.ts';
import { prune } from '#services/sweeps/prune.ts';
import { createDispatcher } from '../../functions/worker/dispatch.ts';
import { type Client, clientOf } from './support/client.ts';
import { openPlatform, type Platform } from './support/platform.ts';
import { apiOver } from './support/world.ts';

/** Promises of the docs that the suite once did not notice broken: each of these tests fails with the fault in its name. */
let platform: Platform;
let admin: string;
beforeAll(async () => {
  platform = await openPlatform();
  admin = await bootstrapAdminKey(platform.deps, 'admin', async () => {});
});
afterAll(() => platform?.close());

const HOUR_MS = 3_600_000;

/** The same machine at another time. */
const at = (deps: Deps, now: number): Deps => ({ ...deps, clock: { ...deps.clock, now: () => now } });

/** The same machine, whose tasks are kept and run when a test says so. */
const withoutQueue = () => {
  const tasks: QueuedTask[] = [];
  const enqueue = async (task: QueuedTask): Promise<boolean> => tasks.push(task) > 0;
  const deps: Deps = { ...platform.deps, queue: { enqueue } };
  return { deps, tasks };
};

const callerOf = (deps: Deps): Client => clientOf(apiOver(platform, { deps }), admin);

/** What a step of the provider does besides: `made` after it has made something, `deadline` instead of moving one. */
const withCompute = (
  deps: Deps,
  hooks: { readonly made?: () => Promise<void>; readonly deadline: ExecChannel['deadline'] },
): Deps => {
  const of = (real: Compute): Compute => ({
    ...real,
    ensure: async (...args) => {
      const seen = await real.ensure(...args);
      await hooks.made?.();
      return seen;
    },
    exec: async (...args) =>
      new Proxy(await real.exec(...args), {
        get: (channel, name) => {
          if (name === 'deadline') return hooks.deadline;
          const value: unknown = Reflect.get(channel, name);
          return typeof value === 'function' ? value.bind(channel) : value;
        },
      }),
  });
  const { computes } = deps;
  return { ...deps, computes: { ...computes, byDriver: (driver) => of(computes.byDriver(driver)) } };
};

const created = async (call: Client): Promise<SessionWire> => {
  const body = { user: 'pia', namespace: 'n', resource_package: 'dev_micro', ttl_minutes: 60 };
  const answer = await call('/v1/sessions', { body });
  expect(answer.status).toBe(200);
  return answer.json as SessionWire;
};

/** Takes the intent of a session's generation as far as it goes. */
const converge = async (deps: Deps, id: string, generation: number): Promise<void> => {
  const intent = intentKey(id, generation);
  for (;;) {
    const open = await deps.store.get(intents, intent);
    if (!open) return;
    await convergeSession(deps, { intent_id: intent, attempt: open.data.attempt });
  }
};

const sessionOf = async (id: string) => {
  const doc = await platform.deps.store.get(sessions, id);
  if (!doc) throw new Error(`${id} is not there`);
  return doc.data;
};

const running = async (deps: Deps): Promise<SessionWire> => {
  const session = await created(callerOf(deps));
  await converge(deps, session.id, 1);
  expect(await sessionOf(session.id)).toMatchObject({ status: 'running' });
  return session;
};

describe('an idempotency record', () => {
  it('is kept for 24 hours, also where the prune comes between, and not longer', async () => {
    const { deps } = platform;
    const start = deps.clock.now();
    const make = async (now: number): Promise<{ key_id: string; secret?: string }> => {
      await prune(at(deps, now));
      const answer = await callerOf(at(deps, now))('/v1/keys', {
        body: { name: 'once', user_id: 'pia' },
        headers: { 'Idempotency-Key': 'once' },
      });
      expect(answer.status).toBe(200);
      return answer.json as { key_id: string };
    };
    const first = await make(start);
    for (const hours of [1, 12, 23.99]) {
      const again = await make(start + hours * HOUR_MS);
      expect([hours, again.key_id, again.secret]).toEqual([hours, first.key_id, undefined]);
    }
    expect((await make(start + 24 * HOUR_MS + 1)).key_id).not.toBe(first.key_id);
  });
});

describe('a change of a session’s end', () => {
  it('that comes while its provider makes it reaches the provider before the session counts as running', async () => {
    const { deps } = withoutQueue();
    const call = callerOf(deps);
    const { id } = await created(call);
    const held: number[] = [];
    let moved = false;
    const meddled = withCompute(deps, {
      made: async () => {
        if (moved) return;
        moved = true;
        const answer = await call(`/v1/sessions/${id}`, { method: 'PATCH', body: { ttl_minutes: 300 } });
        expect(answer.status).toBe(200);
      },
      deadline: async (deadline) => void held.push(deadline.at),
    });
    await converge(meddled, id, 1);
    expect(await sessionOf(id)).toMatchObject({ status: 'creating', generation: 2, deadline_held: null });
    await converge(meddled, id, 2);
    const session = await sessionOf(id);
    expect(session).toMatchObject({ status: 'running', ttl_minutes: 300, deadline_held: session.expires_at });
    expect(held).toEqual([epochMs(session.expires_at)]);
  });

  it('has a task of its own, which ends the session then; that of the old end does nothing', async () => {
    const { deps, tasks } = withoutQueue();
    const { id } = await running(deps);
    const before = await sessionOf(id);
    const answer = await callerOf(deps)(`/v1/sessions/${id}`, { method: 'PATCH', body: { ttl_minutes: 300 } });
    expect(answer.status).toBe(200);
    const after = await sessionOf(id);
    const expiries = tasks.filter(({ task }) => task === 'session.expire');
    expect(expiries.map((task) => task.at)).toEqual([epochMs(before.expires_at), epochMs(after.expires_at)]);
    expect(new Set(expiries.map(({ name }) => name)).size).toBe(2);
    for (const [i, status] of ['running', 'terminating'].entries()) {
      const task = expiries[i] as QueuedTask;
      await createDispatcher(at(deps, task.at ?? 0))({ ...task, attempt: 1 });
      expect([i, (await sessionOf(id)).status]).toEqual([i, status]);
    }
    await converge(deps, id, 3);
    expect(await sessionOf(id)).toMatchObject({ status: 'terminated', status_reason: 'expired' });
  });

  it('holds for the sweep at once, also while the session can’t be told of it', async () => {
    const { deps } = withoutQueue();
    const { id } = await running(deps);
    const before = await sessionOf(id);
    const deaf = withCompute(deps, { deadline: () => Promise.reject(new Error('it does not answer')) });
    const answer = await callerOf(deaf)(`/v1/sessions/${id}`, { method: 'PATCH', body: { ttl_minutes: 300 } });
    expect(answer.json).toMatchObject({ code: 'unavailable' });
    const after = await sessionOf(id);
    expect(epochMs(after.expires_at)).toBeGreaterThan(epochMs(before.expires_at));
    await sweepExpired(at(deps, epochMs(before.expires_at) + 1));
    expect((await sessionOf(id)).status).toBe('running');
    await sweepExpired(at(deps, epochMs(after.expires_at) + 1));
    expect(await sessionOf(id)).toMatchObject({ status: 'terminating', status_reason: 'expired' });
    await converge(deps, id, 3);
  });
});
