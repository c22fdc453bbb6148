import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../acceptance/support/until.ts';
import { FIRESTORE, type GrpcRelay, startGrpcRelay } from '../../support/grpc-relay.ts';
import { describeCall } from './relays/calls.ts';
import { functionsMissing, type Ground, openGround, type RunningFunction } from './functions.ts';

const missing = await functionsMissing();

describe.skipIf(missing !== null)(`a lock that outlives its process${missing === null ? '' : `: ${missing}`}`, () => {
  let ground: Ground;
  let relay: GrpcRelay;
  let api: RunningFunction;
  beforeAll(async () => {
    ground = await openGround();
    relay = await startGrpcRelay(ground.emulatorHost, FIRESTORE);
    await Promise.all([ground.start('worker'), ground.start('scheduler')]);
    api = await ground.start('api', { FIRESTORE_EMULATOR_HOST: relay.host });
  });
  afterAll(async () => {
    await ground?.stop();
    await relay?.stop();
  });

  const call = async (line: string, { body, once }: { readonly body?: object; readonly once?: string } = {}) => {
    const [method = '', path = ''] = line.split(' ');
    const headers = {
      ...{ 'x-api-key': ground.key, 'content-type': 'application/json' },
      ...(once === undefined ? {} : { 'idempotency-key': once }),
    };
    const send = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${api.url}${path}`, { method, headers, ...send });
    return {
      status: answer.status,
      retryAfter: Number(answer.headers.get('retry-after')),
      json: (await answer.json()) as Readonly<Record<string, unknown>>,
    };
  };
  const tick = () => {
    const authorization = `Bearer ${ground.tasks.tokens.issue(ground.accounts.schedule, ground.schedulerUrl)}`;
    return fetch(`${ground.schedulerUrl}/tick`, { method: 'POST', headers: { authorization } });
  };

  it('refuses for a minute and loses nothing: neither the request nor an intent', async () => {
    const body = { user: 'ann', namespace: 'n', ttl_minutes: 10 };
    const { json: before } = await call('POST /v1/sessions?wait=60', { body });
    expect(before['status']).toBe('running');

    // Killed when it has read what it is about to write, and written nothing.
    let held = 0;
    relay.trouble((method, _, request) => {
      if (!describeCall(method, request).startsWith('commit accounts+')) return null;
      held += 1;
      return 'stopped';
    });
    const cut = call('POST /v1/sessions', { body, once: 'one' }).catch((error: Error) => error);
    await until('its transaction is open', async () => held > 0);
    await api.end('SIGKILL');
    expect(await cut).toBeInstanceOf(Error);
    relay.trouble(null);
    api = await ground.start('api', { FIRESTORE_EMULATOR_HOST: relay.host });

    // An end writes the session and its intent, which are not locked; that it is over is written to the account too.
    const ending = await call(`DELETE /v1/sessions/${String(before['id'])}?wait=0`);
    expect(ending).toMatchObject({ status: 200, json: { status: 'terminating' } });

    const answers: number[] = [];
    let made = await call('POST /v1/sessions', { body, once: 'one' });
    for (; made.status === 503; made = await call('POST /v1/sessions', { body, once: 'one' })) {
      expect(made.json).toMatchObject({ code: 'unavailable', retryable: true });
      expect(made.retryAfter).toBeGreaterThan(0);
      answers.push(made.status);
      await pause(made.retryAfter * 1000);
    }
    expect(answers.length).toBeGreaterThan(0);
    expect(made.status).toBe(200);
    const { id } = made.json as { id: string };
    const { json } = await call('POST /v1/sessions', { body, once: 'one' });
    expect(json['id']).toBe(id);

    const statusOf = async (session: unknown) => (await call(`GET /v1/sessions/${String(session)}`)).json['status'];
    await until('the end is recorded', async () => {
      await tick();
      return (await statusOf(before['id'])) === 'terminated';
    });
    await until('the new session runs', async () => (await statusOf(id)) === 'running');
    const all = (await call('GET /v1/sessions?user=ann')).json as unknown as readonly { readonly id: string }[];
    expect(all.map((session) => session.id)).toEqual(expect.arrayContaining([id]));
    const { json: use } = await call('GET /v1/users/ann/entitlements');
    expect(use['concurrent_sessions']).toMatchObject({ used: 1 });
    await call(`DELETE /v1/sessions/${id}?wait=60`);
  });
});
