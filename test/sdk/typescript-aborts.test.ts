import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnMemOSClient, type Session } from '../../sdk/typescript/src/index.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { until } from '../acceptance/support/until.ts';

let server: RunningServer;
let client: OnMemOSClient;
let session: Session;
let marks = 0;

beforeAll(async () => {
  server = await startServer();
  client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key });
  await client.users.put('breaker', { user_type: 'admin' });
  session = await client.session({ user: 'breaker', ttl_minutes: 30 });
});
afterAll(() => stopServer(server));

/** Where in a call its caller leaves. */
const MOMENTS = ['before it is sent', 'before its answer', 'before its body', 'in its body'] as const;
const MOST_POINTS = 24;

class Aborts {
  readonly controller = new AbortController();
  reached = false;
  /** Whether calls are counted. */
  counting = true;
  #calls = 0;
  readonly #point: number;

  /** `point`: the moment, counted over all calls that are made. */
  constructor(point: number) {
    this.#point = point;
  }

  /** A `fetch` that aborts at its point, and leaves the calls alone that are made after it. */
  readonly fetch: typeof fetch = async (input, init) => {
    if (!this.counting) return fetch(input, init);
    const at = this.#point - this.#calls++ * MOMENTS.length;
    if (this.reached || at < 0 || at >= MOMENTS.length) return fetch(input, init);
    this.reached = true;
    const leave = (): never => {
      this.controller.abort(new Error('enough'));
      throw this.controller.signal.reason;
    };
    if (at === 0) {
      this.controller.abort(new Error('enough'));
      return fetch(input, init);
    }
    // The server does what it is asked, and its caller does not learn of it.
    const response = await fetch(input, { ...init, signal: null });
    if (at === 1) return leave();
    if (at === 2) return Object.assign(response, { text: async () => leave() });
    const text = response.text.bind(response);
    return Object.assign(response, { text: async () => text().then(leave) });
  };
}

type Work = (client: OnMemOSClient, own: Session, mark: string, signal: AbortSignal) => Promise<unknown>;
const VERBS: Readonly<Record<string, Work>> = {
  'session.run, held': (_client, own, mark, signal) => own.run(`sleep 600; echo ${mark}`, { timeout: 3, signal }),
  'session.run, followed': (_client, own, mark, signal) =>
    own.run(`echo begun; sleep 600; echo ${mark}`, { timeout: 3, signal, onStdout: () => undefined }),
  'session.start': (_client, own, mark, signal) => own.start(`sleep 600; echo ${mark}`, { signal }),
  'execs.start': (some, { id }, mark, signal) =>
    some.execs.start(id, { command: `sleep 600; echo ${mark}` }, { signal }),
  'execs.execute': (some, { id }, mark, signal) =>
    some.execs.execute(id, { command: `sleep 600; echo ${mark}`, timeout: 2 }, { signal }),
  'execs.execute, asynchronous': (some, { id }, mark, signal) =>
    some.execs.execute(id, { command: `sleep 600; echo ${mark}`, async_execution: true }, { signal }),
  'workspaces.create': (some, _own, mark, signal) =>
    some.workspaces.create(
      { user_id: 'breaker', workspace_id: mark, name: mark, resource_package: 'dev_micro' },
      { signal },
    ),
  'keys.create': (some, _own, mark, signal) => some.keys.create({ name: mark, user_id: 'breaker' }, { signal }),
  'sessions.create': (some, _own, mark, signal) =>
    some.sessions.create({ user: 'breaker', ttl_minutes: 5, labels: { mark } }, { signal }),
  'sessions.create, not waited for': (some, _own, mark, signal) =>
    some.sessions.create({ user: 'breaker', ttl_minutes: 5, labels: { mark } }, { signal, wait: 0 }),
};

/** Everything that lives under a mark. */
const alive = async (mark: string): Promise<string[]> => {
  const execs = (await client.execs.list(session.id).all()).filter(
    ({ status, command }) => status === 'running' && command?.includes(mark),
  );
  const workspaces = (await client.workspaces.list('breaker').all()).filter(
    ({ workspace_id }) => workspace_id === mark,
  );
  const keys = (await client.keys.list().all()).filter(({ name, revoked_at }) => name === mark && revoked_at === null);
  const sessions = (await client.sessions.list({ label: `mark=${mark}` }).all()).filter(({ ended_at }) => !ended_at);
  return [
    ...execs.map(({ exec_id }) => exec_id),
    ...workspaces.map(({ workspace_id }) => workspace_id),
    ...keys.map(({ key_id }) => key_id),
    ...sessions.filter(({ status }) => status !== 'terminating').map(({ id }) => id),
  ];
};

/** A command that was told to end does so a moment after the word. */
const nothingLeft = (mark: string): Promise<unknown> =>
  until(`nothing of ${mark} lives`, async () => (await alive(mark)).length === 0);

describe('a call that is aborted at any point leaves nothing', () => {
  it.each(Object.entries(VERBS))('%s', async (_verb, work) => {
    const ends: string[] = [];
    for (let point = 0; point < MOST_POINTS; point++) {
      const aborts = new Aborts(point);
      const own = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, fetch: aborts.fetch });
      aborts.counting = false;
      const its = await own.sessions.get(session.id);
      aborts.counting = true;
      const mark = `m-${marks++}`;
      const end = await work(own, its, mark, aborts.controller.signal).then(
        () => 'done',
        (error: unknown) => (error instanceof Error && error.message === 'enough' ? 'aborted' : String(error)),
      );
      ends.push(aborts.reached ? end : 'over');
      if (!aborts.reached) break;
      if (end === 'aborted') await nothingLeft(mark);
    }
    expect(ends.filter((end) => end === 'aborted').length).toBeGreaterThanOrEqual(MOMENTS.length - 1);
    expect(ends.filter((end) => !['aborted', 'done', 'over'].includes(end))).toEqual([]);
  });

  it('but for what has an id or a key of the caller’s own', async () => {
    const mark = `m-${marks++}`;
    const aborts = new Aborts(1);
    const own = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, fetch: aborts.fetch });
    const { signal } = aborts.controller;
    const start = own.execs.start(session.id, { command: `sleep 600; echo ${mark}`, exec_id: mark }, { signal });
    await expect(start).rejects.toThrow('enough');
    expect(await alive(mark)).toEqual([mark]);
    await client.execs.kill(session.id, mark);
  });

  it('where a callback of `run` throws', async () => {
    const mark = `m-${marks++}`;
    const run = session.run(`echo begun; sleep 600; echo ${mark}`, {
      onStdout: () => {
        throw new Error('full');
      },
    });
    await expect(run).rejects.toThrow('full');
    await nothingLeft(mark);
  });

  it('where a shell is aborted while it opens: no socket stays open', async () => {
    const open = new Set<WebSocket>();
    const Real = globalThis.WebSocket;
    globalThis.WebSocket = class extends Real {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener('open', () => open.add(this));
        this.addEventListener('close', () => open.delete(this));
      }
    } as typeof WebSocket;
    try {
      for (const ms of [0, 1, 2, 4, 8, 16, 32]) {
        const stop = new AbortController();
        const shell = session.shell({ signal: stop.signal });
        setTimeout(() => stop.abort(new Error('enough')), ms);
        await shell.then((opened) => opened.close()).catch(() => undefined);
      }
      await until('all sockets are closed', async () => open.size === 0);
    } finally {
      globalThis.WebSocket = Real;
    }
  });
});
