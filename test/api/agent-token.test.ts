import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATION_NAMES, OPERATIONS } from '#contract/operations.ts';
import { createLogger } from '#platform/logger.ts';
import { issueAgentToken } from '#services/agents/token.ts';
import { verifyAgent } from '#services/agents/verify.ts';
import { writeAudit } from '#services/kernel/audit.ts';
import type { AgentActor } from '#services/kernel/call.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { transact } from '#services/kernel/draft.ts';
import { sessions } from '#services/model/collections.ts';
import type { SessionDoc } from '#services/model/docs.ts';
import { batteryRequest } from './support/battery-request.ts';
import { clientOf } from './support/client.ts';
import { apiOver, openWorld, type World } from './support/world.ts';

let world: World;
let deps: Deps;
beforeAll(async () => {
  world = await openWorld();
  deps = world.platform.deps;
});
afterAll(() => world?.close());

const docOf = async (id: string): Promise<SessionDoc> => {
  const doc = await deps.store.get(sessions, id);
  if (!doc) throw new Error(`session ${id} is not in the store`);
  return doc.data;
};
const tokenOf = async (id = world.session): Promise<string> => (await issueAgentToken(deps, await docOf(id))).token;
const later = (ms: number): Deps => ({ ...deps, clock: { ...deps.clock, now: () => deps.clock.now() + ms } });
const newSession = async (): Promise<string> => {
  const body = { user: 'alice', namespace: 'tests', workspace_id: 'ws' };
  return ((await world.call('/v1/sessions?wait=60', { body })).json as { id: string }).id;
};
const reason = (word: string) => ({ code: 'unauthenticated', details: { extra: { reason: word } } });

describe('the token of an agent', () => {
  it('names its session and start, for ten minutes', async () => {
    const token = await tokenOf();
    const agent = { kind: 'agent', session_id: world.session, generation: 1 };
    expect(await verifyAgent(deps, token)).toEqual(agent);
    expect(await verifyAgent(later(9 * 60_000), token)).toEqual(agent);
    await expect(verifyAgent(later(10 * 60_000), token)).rejects.toMatchObject(reason('expired'));
  });

  it('is refused with any character changed, cut off or added', async () => {
    const token = await tokenOf();
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'a' ? 'b' : 'a';
      const altered = token.slice(0, at) + other + token.slice(at + 1);
      await expect(verifyAgent(deps, altered), altered).rejects.toMatchObject(reason('invalid'));
    }
    const forms = ['', 'oma_', token.slice(0, -1), `${token}a`, ` ${token}`, `${token}\n`, token.toUpperCase()];
    for (const form of [...forms, `oma_${world.session}_${'x'.repeat(5_000)}`, world.keys.admin])
      await expect(verifyAgent(deps, form), form).rejects.toMatchObject(reason('invalid'));
  });

  it('opens no other session, and nothing sealed for a session is one', async () => {
    const other = await newSession();
    const token = await tokenOf();
    const moved = token.replace(world.session, other);
    expect(moved).not.toBe(token);
    await expect(verifyAgent(deps, moved)).rejects.toMatchObject(reason('invalid'));
    const claims = new TextEncoder().encode(JSON.stringify([1, deps.clock.now() + 60_000]));
    const sealed = await deps.secrets.seal(claims, { tenant: 'alice', session: world.session });
    await expect(verifyAgent(deps, `oma_${world.session}_${sealed}`)).rejects.toMatchObject(reason('invalid'));
  });

  it('is refused once another start of the session counts, and one of the new start is not', async () => {
    const id = await newSession();
    const old = await tokenOf(id);
    await deps.store.put(sessions, id, { ...(await docOf(id)), agent_generation: 2 });
    await expect(verifyAgent(deps, old)).rejects.toMatchObject(reason('superseded'));
    await expect(verifyAgent(later(3_600_000), old)).rejects.toMatchObject(reason('superseded'));
    expect(await verifyAgent(deps, await tokenOf(id))).toMatchObject({ generation: 2 });
    const { agent_generation: _, ...before } = await docOf(id);
    const newer = await tokenOf(id);
    await deps.store.put(sessions, id, before);
    await expect(verifyAgent(deps, newer)).rejects.toMatchObject(reason('superseded'));
  });

  it('goes on to hold when the session is extended', async () => {
    const id = await newSession();
    const token = await tokenOf(id);
    const before = (await docOf(id)).generation;
    await world.call(`/v1/sessions/${id}`, { method: 'PATCH', body: { ttl_minutes: 30 } });
    expect((await docOf(id)).generation).toBeGreaterThan(before);
    expect(await verifyAgent(deps, token)).toMatchObject({ session_id: id });
  });

  it('is refused once the session has ended, expired or not', async () => {
    const id = await newSession();
    const token = await tokenOf(id);
    await deps.store.put(sessions, id, { ...(await docOf(id)), status: 'terminating' });
    // Its last words are wanted.
    expect(await verifyAgent(deps, token)).toMatchObject({ session_id: id });
    await deps.store.put(sessions, id, { ...(await docOf(id)), status: 'running' });
    await world.call(`/v1/sessions/${id}`, { method: 'DELETE' });
    await expect(verifyAgent(deps, token)).rejects.toMatchObject(reason('ended'));
    await expect(verifyAgent(later(3_600_000), token)).rejects.toMatchObject(reason('ended'));
    await deps.store.delete(sessions, id);
    await expect(verifyAgent(deps, token)).rejects.toMatchObject(reason('ended'));
  });

  it.each(OPERATION_NAMES.filter((name) => OPERATIONS[name].key))('opens nothing else: %s', async (name) => {
    const token = await tokenOf();
    const { path, send } = batteryRequest(world, name);
    const shown = [
      { 'x-api-key': token },
      { authorization: `Bearer ${token}` },
      { 'sec-websocket-protocol': `onmemos.v1, onmemos.ticket.${token}` },
    ];
    for (const headers of shown) {
      const answer = await world.call(path, { ...send, key: null, headers: { ...send.headers, ...headers } });
      expect(answer.json, JSON.stringify(Object.keys(headers))).toMatchObject({ status: 401 });
      expect(answer.text).not.toContain(token);
    }
  });

  it('is never logged, whatever becomes of it', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
    const logged: Deps = { ...deps, log };
    const token = await tokenOf();
    const secret = token.slice(token.lastIndexOf('.') + 1);
    await verifyAgent(logged, token);
    const broken = `${token}x`;
    await expect(verifyAgent(logged, broken)).rejects.toThrow();
    const api = apiOver({ ...world.platform, deps: logged }, { log });
    await clientOf(api)('/v1/sessions', { headers: { authorization: `Bearer ${token}` } });
    await clientOf(api)(`/v1/sessions/${world.session}/shell`, {
      headers: { 'sec-websocket-protocol': `onmemos.ticket.${token}` },
    });
    log.error({ token, agent_token: token, authorization: token, deep: { token } }, 'a careless line');
    expect(lines.length).toBeGreaterThanOrEqual(4);
    expect(lines.join('')).toContain('[redacted]');
    expect(lines.join('')).not.toContain(secret.slice(0, 20));
  });
});

it('what an agent does is recorded as its own, in its own session', async () => {
  const actor: AgentActor = { kind: 'agent', session_id: world.session, generation: 3 };
  const call = { actor, operation: 'system', request_id: 'req-agent', idempotency: null } as const;
  await transact(deps.store, async (draft) =>
    writeAudit(deps, draft, call, { action: 'session.test', session_id: 'ses-another', detail: { fact: 1 } }),
  );
  const answer = await world.call(`/v1/sessions/${world.session}/events`, { key: world.keys.alice });
  expect((answer.json as { request_id: string }[]).find(({ request_id }) => request_id === 'req-agent')).toMatchObject({
    action: 'session.test',
    actor: { kind: 'agent', key_id: null, user_id: null, job: null },
    session_id: world.session,
    detail: { fact: 1, agent_generation: 3 },
  });
});
