import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { openFirestoreStore } from '#drivers/store/firestore/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { COLLECTIONS, commits, intents, leases } from '#services/model/collections.ts';
import { CLOUD_FUNCTIONS, type CloudFunction } from '#wiring/google-cloud-settings.ts';
import { OnMemOSClient } from '../../../sdk/typescript/src/index.ts';
import { freePort } from '../../support/free-port.ts';
import { functionsMissing, type Ground, type LogLine, openGround, type RunningFunction } from './functions.ts';

const missing = await functionsMissing();
if (missing !== null)
  console.warn(`The functions of Google Cloud are not run without the Firestore emulator: ${missing}`);

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

let ground: Ground;
let running: Readonly<Record<CloudFunction, RunningFunction>>;
beforeAll(async () => {
  if (missing !== null) return;
  ground = await openGround();
  const [api, worker, scheduler] = await Promise.all(CLOUD_FUNCTIONS.map((name) => ground.start(name)));
  if (!api || !worker || !scheduler) throw new Error('not every function runs');
  running = { api, worker, scheduler };
});
afterAll(() => ground?.stop());

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}
const call = async (path: string, { method, headers = {}, body }: Sent = {}) => {
  const answer = await fetch(`${running.api.url}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { 'x-api-key': ground.key, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, json: (text === '' ? null : JSON.parse(text)) as Record<string, string> };
};
const newSession = async (headers: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { status, json } = await call('/v1/sessions?wait=60', { body: { user: 'ann', ttl_minutes: 10 }, headers });
  expect({ status, session: json['status'] }).toEqual({ status: 200, session: 'running' });
  return json['id'] ?? '';
};
const lineOf = (lines: readonly LogLine[], fields: Readonly<Record<string, unknown>>): LogLine | undefined =>
  lines.find((line) => Object.entries(fields).every(([name, value]) => line[name] === value));

describe.skipIf(missing !== null)('the functions of Google Cloud', () => {
  it.each(CLOUD_FUNCTIONS)('%s says that it lives and that it can serve', async (name) => {
    const [health, ready] = await Promise.all(
      ['/health', '/ready'].map(async (path) => {
        const answer = await fetch(`${running[name].url}${path}`);
        return { status: answer.status, body: (await answer.json()) as unknown };
      }),
    );
    expect(health).toMatchObject({ status: 200, body: { status: 'healthy' } });
    expect(ready).toMatchObject({ status: 200, body: { ready: true, checks: { store: 'ok' } } });
  });

  it('serve as Google Cloud', async () => {
    expect((await call('/')).json).toMatchObject({ mode: 'google-cloud', region: 'us-central1' });
  });

  it('run a session: the api records it, the queue tells the worker, and the worker makes it', async () => {
    const id = await newSession({ traceparent: `00-${TRACE}-00f067aa0ba902b7-01` });
    const ran = await call(`/v1/sessions/${id}/execute`, { body: { command: 'echo hello' } });
    expect(ran).toMatchObject({ status: 200, json: { stdout: 'hello\n' } });
    // The lines of a request name its trace, and tell of it where Cloud Logging looks.
    expect(lineOf(running.api.lines(), { message: 'request', operation: 'sessions.create' })).toMatchObject({
      severity: 'INFO',
      'logging.googleapis.com/trace': `projects/${ground.project}/traces/${TRACE}`,
      'logging.googleapis.com/spanId': '00f067aa0ba902b7',
      trace_id: TRACE,
      httpRequest: { requestMethod: 'POST', requestUrl: '/v1/sessions', status: 200 },
    });
    expect(lineOf(running.worker.lines(), { message: 'task', intent_id: `${id}:1` })).toMatchObject({
      severity: 'INFO',
      outcome: 'done',
      'logging.googleapis.com/trace': expect.stringContaining(`projects/${ground.project}/traces/`),
    });
    expect((await call(`/v1/sessions/${id}`, { method: 'DELETE' })).json['status']).toBe('terminated');
  });

  const posted = async (url: string, authorization: string | null, headers: Readonly<Record<string, string>> = {}) =>
    fetch(url, { method: 'POST', headers: { ...(authorization ? { authorization } : {}), ...headers }, body: '{}' });

  it('let the trigger tell the worker of an intent, and the schedule run a job', async () => {
    const { accounts, tasks, workerUrl, schedulerUrl } = ground;
    const event = await posted(
      `${workerUrl}/events/intents`,
      `Bearer ${tasks.tokens.issue(accounts.events, workerUrl)}`,
      { 'ce-document': 'intents/ses-none:1', 'ce-type': 'google.cloud.firestore.document.v1.created' },
    );
    expect(event.status).toBe(204);
    expect(lineOf(running.worker.lines(), { message: 'event', intent_id: 'ses-none:1' })).toMatchObject({
      outcome: 'gone',
    });
    const token = tasks.tokens.issue(accounts.schedule, schedulerUrl);
    expect((await posted(`${schedulerUrl}/jobs/expire`, `Bearer ${token}`)).status).toBe(200);
  });

  it('refuse a token with anything wrong in it, by Google’s own library, and log none', async () => {
    const { accounts, tasks, workerUrl, schedulerUrl } = ground;
    const before = Math.floor(Date.now() / 1000) - 7_200;
    const places = [
      {
        url: `${workerUrl}/tasks/session.converge`,
        email: accounts.tasks,
        audience: workerUrl,
        other: accounts.events,
      },
      { url: `${workerUrl}/events/intents`, email: accounts.events, audience: workerUrl, other: accounts.tasks },
      { url: `${schedulerUrl}/jobs/expire`, email: accounts.schedule, audience: schedulerUrl, other: accounts.tasks },
    ];
    const tokens: string[] = [];
    for (const { url, email, audience, other } of places) {
      const issue = (...args: Parameters<typeof tasks.tokens.issue>): string => {
        const token = tasks.tokens.issue(...args);
        tokens.push(token);
        return token;
      };
      const right = issue(email, audience);
      const [, claims] = right.split('.');
      const wrong: readonly [string, string | null, number][] = [
        ['none', null, 401],
        ['nonsense', 'Bearer nonsense', 401],
        ['a key', `Bearer ${ground.key}`, 401],
        ['expired', `Bearer ${issue(email, audience, { iat: before, exp: before + 3_600 })}`, 401],
        ['unsigned', `Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.${claims}.`, 401],
        ['cut', `Bearer ${right.slice(0, -10)}`, 401],
        ['another issuer', `Bearer ${issue(email, audience, { iss: 'https://accounts.example.com' })}`, 401],
        ['another audience', `Bearer ${issue(email, 'https://example.com')}`, 401],
        ['the audience with a slash', `Bearer ${issue(email, `${audience}/`)}`, 401],
        ['the audience with a path', `Bearer ${issue(email, url)}`, 401],
        ['not verified', `Bearer ${issue(email, audience, { email_verified: false })}`, 401],
        ['a stranger', `Bearer ${issue('mallory@evil.iam.gserviceaccount.com', audience)}`, 403],
        ['another caller of ours', `Bearer ${issue(other, audience)}`, 403],
      ];
      for (const [what, authorization, status] of wrong)
        expect({ url, what, status: (await posted(url, authorization)).status }).toEqual({ url, what, status });
    }
    const printed = [running.worker, running.scheduler].map(({ started }) => started.printed()).join();
    expect(printed).toContain('a caller was refused');
    for (const token of tokens) for (const part of token.split('.')) expect(printed.includes(part)).toBe(false);
    expect(printed).not.toContain(ground.key.slice(-20));
  });

  it('do not start with a setting that is missing, and say which', async () => {
    const cases: readonly [CloudFunction, string][] = [
      ['api', 'ONMEMOS_PUBLIC_URL'],
      ['worker', 'ONMEMOS_EVENTS_ACCOUNT'],
      ['scheduler', 'ONMEMOS_SCHEDULER_URL'],
      ['worker', 'ONMEMOS_KEYRING_FILE'],
    ];
    for (const [name, setting] of cases) {
      const { code, stdout } = await ground.refused(name, { [setting]: undefined });
      expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
      expect(JSON.parse(stdout)).toMatchObject({
        severity: 'ERROR',
        message: expect.stringContaining(`${setting}: must be set: `),
      });
    }
    // A keyring is never made.
    const { code, stdout } = await ground.refused('api', { ONMEMOS_KEYRING_FILE: '/nowhere/keyring.json' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('/nowhere/keyring.json') });
  });

  it('run no tick beside one that runs, and none for long after one whose scheduler was killed', async () => {
    const { accounts, tasks, schedulerUrl, project, emulatorHost } = ground;
    const store = await openFirestoreStore({
      ...{ project, collections: COLLECTIONS, commits, emulatorHost, clock: systemClock, ids: systemIds },
      log: createLogger({ level: 'silent' }),
    });
    const tick = async (url: string) => {
      const answer = await posted(`${url}/tick`, `Bearer ${tasks.tokens.issue(accounts.schedule, schedulerUrl)}`);
      return { status: answer.status, busy: ((await answer.json()) as { busy: boolean }).busy };
    };
    const lease = async () => (await store.get(leases, 'tick'))?.data;
    const killed = await ground.start('scheduler', { PORT: String(await freePort()) });
    // Due, so that the tick hands it over to a queue that says nothing.
    const at = new Date(0).toISOString();
    await store.put(intents, 'ses-none:1', {
      ...{ id: 'ses-none:1', kind: 'provision', session_id: 'ses-none', generation: 1, attempt: 1 },
      ...{ created_at: at, next_at: at, last_error: null },
    });
    tasks.setFaults({ stall_ms: 60_000 });
    const cut = tick(killed.url).catch(() => 'cut');
    await expect.poll(async () => (await lease())?.holder ?? null, { timeout: 30_000 }).not.toBeNull();
    expect(await tick(schedulerUrl)).toEqual({ status: 200, busy: true });
    await killed.end('SIGKILL');
    expect(await cut).toBe('cut');
    tasks.setFaults({ stall_ms: 0 });
    expect(await tick(schedulerUrl)).toEqual({ status: 200, busy: true });
    const left = await lease();
    if (!left) throw new Error('there is no lease');
    expect(epochMs(left.until)).toBeLessThan(systemClock.now() + 90_000);
    // As if that time had passed.
    await store.put(leases, 'tick', { ...left, until: iso(systemClock.now() - 1) });
    expect(await tick(schedulerUrl)).toEqual({ status: 200, busy: false });
    await store.delete(intents, 'ses-none:1');
    await store.close();
  });

  it('end at once with 0 where they are told to while they start', async () => {
    // A store that takes connections and says nothing: each function reads it once before it serves.
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const env = { FIRESTORE_EMULATOR_HOST: `127.0.0.1:${(silent.address() as AddressInfo).port}`, PORT: '0' };
    for (const name of CLOUD_FUNCTIONS) {
      const asked = once(silent, 'connection') as Promise<[Socket]>;
      const { child, ended } = ground.begin(name, env);
      const [socket] = await asked;
      for (const signal of ['SIGTERM', 'SIGTERM'] as const) child.kill(signal);
      const { code, signal, stdout } = await ended;
      expect({ name, code, signal, serving: stdout.includes('"serving"') }).toEqual({
        ...{ name, code: 0, signal: null, serving: false },
      });
      socket.destroy();
    }
    silent.close();
  });

  it('end at SIGTERM with 0: streams break off so that clients connect again, and answers come to their end', async () => {
    const id = await newSession();
    const { json } = await call(`/v1/sessions/${id}/execs`, { body: { command: 'echo first; sleep 300' } });
    const headers = { 'x-api-key': ground.key };
    const output = await fetch(`${running.api.url}/v1/sessions/${id}/execs/${json['exec_id']}/output`, { headers });
    const reader = output.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) throw new Error('there is no stream');
    expect((await reader.read()).value).toContain('first');
    const broken = (async (): Promise<string> => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return 'ended as if it were whole';
        if (value.includes('event: exit')) return 'said that the command ended';
      }
    })().catch(() => 'broken off');
    const socket = new WebSocket(`${running.api.url.replace('http', 'ws')}/v1/sessions/${id}/shell`, { headers });
    await once(socket, 'open');
    const closed = once(socket, 'close') as Promise<[number]>;
    const answered = call(`/v1/sessions/${id}/execute`, { body: { command: 'sleep 1; echo done' } });
    await expect.poll(() => running.api.lines().length).toBeGreaterThan(1);
    // The command is under way before the signal.
    await expect
      .poll(async () => (await call(`/v1/sessions/${id}/execs`)).json)
      .toMatchObject(expect.arrayContaining([expect.objectContaining({ command: 'sleep 1; echo done' })]));

    // A stream has no end of its own: it does not hold up what has one.
    const order: string[] = [];
    void broken.then(() => order.push('the stream'));
    void answered.then(() => order.push('the answer'));
    const ending = CLOUD_FUNCTIONS.map((name) => running[name].end());
    // Npm and a terminal may both tell them, and a platform that has lost its patience.
    for (const name of CLOUD_FUNCTIONS)
      for (const signal of ['SIGTERM', 'SIGINT'] as const) running[name].started.child.kill(signal);
    const ends = await Promise.all(ending);
    expect(ends.map(({ code, signal }) => ({ code, signal }))).toEqual(ends.map(() => ({ code: 0, signal: null })));
    expect(await broken).toBe('broken off');
    expect((await closed)[0]).toBe(1001);
    expect(await answered).toMatchObject({ status: 200, json: { stdout: 'done\n' } });
    expect(order).toEqual(['the stream', 'the answer']);
    for (const name of CLOUD_FUNCTIONS) {
      const lines = running[name].lines();
      expect(lines.filter(({ severity }) => severity === 'ERROR')).toEqual([]);
      expect(lines.at(-1)).toMatchObject({ message: 'stopped', clean: true });
    }
  });

  it('are replaced under a client that reads a command, which misses no line and reads none twice', async () => {
    const [api, worker] = await Promise.all([ground.start('api'), ground.start('worker')]);
    running = { ...running, api, worker };
    const client = new OnMemOSClient({ baseUrl: api.url, apiKey: ground.key });
    const session = await client.sessions.create({ user: 'ann', ttl_minutes: 10 });
    const command = await session.start('i=0; while [ ! -e go ]; do i=$((i+1)); echo $i; sleep 0.05; done; echo last');
    let text = '';
    const read = (async () => {
      for await (const { data } of command) text += Buffer.from(data).toString();
    })();
    const held = session.run('while [ ! -e go ]; do sleep 0.05; done; echo held');
    await expect.poll(() => text.length).toBeGreaterThan(0);
    expect((await api.end()).code).toBe(0);
    const before = text.length;
    running = { ...running, api: await ground.start('api') };
    await expect.poll(() => text.length).toBeGreaterThan(before);
    await session.run('touch go');
    await read;
    expect((await held).stdout).toBe('held\n');
    const lines = text.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('last');
    expect(lines.slice(0, -1)).toEqual(lines.slice(0, -1).map((_, i) => String(i + 1)));
    await session.delete();
  });
});
