import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REASONS, type StatusReason } from '#domain/lifecycle.ts';
import { SessionGone } from '#ports/compute.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { type Client, clientOf } from './support/client.ts';
import { eventually } from './support/live.ts';
import { openPlatform, type Platform } from './support/platform.ts';
import { apiOver } from './support/world.ts';

let platform: Platform;
let call: Client;
/** Sessions that the provider has ended, and why; nothing on our side knows it yet. */
const gone = new Map<string, StatusReason>();

beforeAll(async () => {
  platform = await openPlatform((given) => {
    const byDriver: Deps['computes']['byDriver'] = (driver) => {
      const compute = given.computes.byDriver(driver);
      const reasonOf = (key: string) => [...gone].find(([id]) => key.endsWith(id.toLowerCase()))?.[1];
      const exec: typeof compute.exec = async (target) => {
        if (reasonOf(target.key)) throw new SessionGone('there is no such session');
        return compute.exec(target);
      };
      const observe: typeof compute.observe = async (target) => {
        const seen = await compute.observe(target);
        const reason = reasonOf(target.key);
        return reason && seen.state === 'running' ? { ...seen, state: 'ended', reason, message: null } : seen;
      };
      return Object.assign(Object.create(compute) as typeof compute, { exec, observe });
    };
    return { ...given, computes: { ...given.computes, byDriver } };
  });
  const admin = await bootstrapAdminKey(platform.deps, 'admin', async () => {});
  call = clientOf(apiOver(platform), admin);
});
afterAll(() => platform?.close());

interface Refusal {
  readonly code: string;
  readonly detail: string;
  readonly status_reason?: string;
}

/** Every call that needs a session that runs. */
const VERBS: Readonly<Record<string, (id: string) => readonly [path: string, send?: Parameters<Client>[1]]>> = {
  execute: (id) => [`/v1/sessions/${id}/execute`, { body: { command: 'true' } }],
  start: (id) => [`/v1/sessions/${id}/execs`, { body: { command: 'true' } }],
  logs: (id) => [`/v1/sessions/${id}/execs/first/output`],
  stdin: (id) => [`/v1/sessions/${id}/execs/first/stdin`, { body: { offset: 0, data: 'x' } }],
  signal: (id) => [`/v1/sessions/${id}/execs/first/signal`, { body: { signal: 'TERM' } }],
  kill: (id) => [`/v1/sessions/${id}/execs/first`, { method: 'DELETE' }],
  usage: (id) => [`/v1/sessions/${id}/usage`],
  extend: (id) => [`/v1/sessions/${id}`, { method: 'PATCH', body: { ttl_minutes: 30 } }],
  ticket: (id) => [`/v1/sessions/${id}/ticket`, { body: {} }],
};
/** Those that only the provider's answer stops, while the record says that the session runs. */
const MEET_THE_END = ['execute', 'start', 'logs', 'stdin', 'signal', 'kill', 'usage'];

const refusedBy = async (verb: string, id: string): Promise<Refusal> => {
  const [path, send] = VERBS[verb]?.(id) ?? [''];
  const { status, json } = await call(path, send);
  expect([verb, status, (json as Refusal).code]).toEqual([verb, 409, 'session_not_running']);
  return json as Refusal;
};

const timeless = (detail: string): string => detail.replace(/\(\d{4}-\d\d-\d\dT[\d:.]+Z\)/, '(TIME)');

describe('a call on a session that has ended', () => {
  it.each([
    'disk_limit',
    'memory_limit',
    'host_disk_full',
    'expired',
    'provider_deadline',
    'preempted',
    'session_ended',
    'keeper_lost',
  ] as const)('says which, why, when and what to do, whoever asks: %s', async (reason) => {
    const made = await call('/v1/sessions?wait=60', { body: { user: 'ann' } });
    const { id, status } = made.json as { id: string; status: string };
    expect(status).toBe('running');
    await call(`/v1/sessions/${id}/execs`, { body: { command: 'sleep 1000', exec_id: 'first', stdin: true } });
    const { what, advice } = REASONS[reason];
    const first = MEET_THE_END[gone.size % MEET_THE_END.length] ?? '';
    gone.set(id, reason);

    // This call alone has found out.
    const met = await refusedBy(first, id);
    const sentence = (state: string) => `Session ${id} ${state}: ${what.slice(0, -1)} (TIME). ${advice}`;
    expect([sentence('is ending'), sentence('has ended')]).toContain(timeless(met.detail));
    expect(met.status_reason).toBe(reason);

    await eventually('its end is on record', async () => {
      const { ended_at } = (await call(`/v1/sessions/${id}`)).json as { ended_at: string | null };
      return ended_at !== null;
    });
    const said = new Set<string>();
    for (const verb of Object.keys(VERBS)) said.add((await refusedBy(verb, id)).detail);
    const { how } = (await call(`/v1/sessions/${id}/connect`)).json as { how: string };
    expect([...said.add(how)].map(timeless)).toEqual([sentence('has ended')]);
  });

  it('says so of one that was ended on request', async () => {
    const made = await call('/v1/sessions?wait=60', { body: { user: 'ann' } });
    const { id } = made.json as { id: string };
    await call(`/v1/sessions/${id}?wait=60`, { method: 'DELETE' });
    const { detail } = await refusedBy('execute', id);
    expect(detail).toMatch(/^Session \S+ has ended: The session was ended on request \(\S+Z\)\. Create a new one/);
  });
});
