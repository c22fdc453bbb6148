import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Compute } from '#ports/compute.ts';
import type { ExecChannel } from '#ports/exec.ts';
import type { Serving } from '../../functions/api/serve.ts';
import { eventually, serveLive } from './support/live.ts';
import { manualClock } from './support/manual-clock.ts';
import { bytesOf, parseSse, type SseEvent } from './support/sse.ts';
import { apiOver, openWorld, type World } from './support/world.ts';

let world: World;
const servers: Serving[] = [];
beforeAll(async () => {
  world = await openWorld();
  servers.push(await serveLive(apiOver(world.platform)));
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await world?.close();
});

const execAt = async (exec: string) =>
  (await world.call(`/v1/sessions/${world.session}/execs/${exec}`)).json as { status: string; next_offset: number };
const start = async (command: string, given: object = {}): Promise<string> => {
  const answer = await world.call(`/v1/sessions/${world.session}/execs`, { body: { command, ...given } });
  expect(answer.status).toBe(200);
  return (answer.json as { exec_id: string }).exec_id;
};
const run = async (command: string, given: object = {}): Promise<string> => {
  const exec = await start(command, given);
  await eventually('the command ends', async () => (await execAt(exec)).status !== 'running');
  return exec;
};
const output = (exec: string, query: Record<string, string | number>, headers: Record<string, string> = {}) =>
  fetch(
    `${servers.at(-1)?.url}/v1/sessions/${world.session}/execs/${exec}/output?${new URLSearchParams(
      Object.entries(query).map(([name, value]) => [name, String(value)]),
    )}`,
    { headers: { 'X-API-Key': world.keys.alice, ...headers } },
  );
const events = async (...given: Parameters<typeof output>): Promise<readonly SseEvent[]> => {
  const response = await output(...given);
  expect(response.status).toBe(200);
  return parseSse(await response.text());
};
const chunks = (seen: readonly SseEvent[]) => seen.filter(({ event }) => event === 'chunk').map(({ data }) => data);
const later = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();
const problem = async (response: Response): Promise<unknown> => {
  const { code, errors } = (await response.json()) as { code: string; errors: { field: string; message: string }[] };
  return { status: response.status, code, ...errors[0] };
};
const RAW = { accept: 'text/plain' };

/** Three lines with pauses between them, and their times. */
const lines = async () => {
  const exec = await run('echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three');
  const times = chunks(await events(exec, { from: 0 })).map(({ time }) => String(time));
  expect(times).toHaveLength(3);
  const [one = '', two = '', three = ''] = times;
  return { exec, one, two, three };
};

describe('the times of output', () => {
  it('are instants, in their order', async () => {
    const { one, two, three } = await lines();
    for (const time of [one, two, three]) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect([one, two, three]).toEqual([...new Set([one, two, three])].sort());
  });

  it('are there for bytes that are no UTF-8 too', async () => {
    const [chunk] = chunks(await events(await run("printf '\\377'"), {}));
    expect(chunk).toMatchObject({ encoding: 'base64', time: expect.stringMatching(/Z$/) });
  });
});

describe('output since an instant', () => {
  it('leaves out what is earlier, and begins exactly there, in events and in the raw log', async () => {
    const { exec, one, two, three } = await lines();
    for (const [since, from] of [
      ['1969-12-31T23:59:59Z', 0],
      [one, 0],
      [later(one, 1), 4],
      [two, 4],
      [later(two, 1), 8],
      [three, 8],
      [later(three, 1), 14],
    ] as const) {
      const seen = await events(exec, { since });
      expect(bytesOf(seen).toString()).toBe('one\ntwo\nthree\n'.slice(from));
      expect(chunks(seen)[0]?.seq ?? 14).toBe(from);
      const raw = await output(exec, { since }, RAW);
      expect([raw.headers.get('onmemos-offset'), await raw.text()]).toEqual([
        String(from),
        'one\ntwo\nthree\n'.slice(from),
      ]);
    }
  });

  it('takes an instant in any zone', async () => {
    const { exec, two } = await lines();
    const inIndia = `${later(two, 5.5 * 3_600_000).slice(0, -1)}+05:30`;
    expect(bytesOf(await events(exec, { since: inIndia })).toString()).toBe('two\nthree\n');
  });

  it('begins at the later of the two where an offset is given too, by the query or by a resumed stream', async () => {
    const { exec, two } = await lines();
    for (const [from, seen] of [
      [0, 'two\nthree\n'],
      [4, 'two\nthree\n'],
      [6, 'o\nthree\n'],
      [14, ''],
    ] as const) {
      const read = await events(exec, { since: two, from });
      expect(bytesOf(read).toString()).toBe(seen);
      expect(read.filter(({ event }) => event === 'gap')).toEqual([]);
      const resumed = await events(exec, { since: two }, { 'Last-Event-ID': String(from) });
      expect(bytesOf(resumed).toString()).toBe(seen);
    }
    expect(await problem(await output(exec, { since: two, from: 15 }))).toMatchObject({ status: 422, field: 'from' });
  });

  it('follows a running command, from now on where all so far is earlier', async () => {
    const exec = await start('echo early; read line; echo "$line"', { stdin: true });
    await eventually('it has printed', async () => (await execAt(exec)).next_offset > 0);
    // As a clock that is ahead says it.
    const response = await output(exec, { since: later(new Date().toISOString(), 5_000) });
    await world.call(`/v1/sessions/${world.session}/execs/${exec}/stdin`, { body: { offset: 0, data: 'late\n' } });
    expect(bytesOf(parseSse(await response.text())).toString()).toBe('late\n');
  });

  it('tells a gap only where dropped bytes may be of the instant or later', async () => {
    const exec = await run('head -c 3000000 /dev/zero; sleep 0.2; echo end', { log_limit_mb: 1 });
    const all = await events(exec, { from: 0 });
    const last = String(chunks(all).at(-1)?.time);
    const gap = (seen: readonly SseEvent[]) => seen.find(({ event }) => event === 'gap')?.data;
    expect(gap(all)).toMatchObject({ from: 0 });
    expect(gap(await events(exec, { from: 0, since: '2020-01-01T00:00:00Z' }))).toEqual(gap(all));
    const late = await events(exec, { from: 0, since: last });
    expect([gap(late), bytesOf(late).toString()]).toEqual([undefined, 'end\n']);
  });
});

describe('a since that can’t be used is refused by its name', () => {
  it.each([
    ['yesterday', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['2026-11-27T10:00:00', undefined],
    ['10m', undefined],
    ['', undefined],
    ['9999-01-01T00:00:00Z', /^is in the future; it is \d{4}-/],
    [later(new Date().toISOString(), 3_600_000), /^is in the future/],
  ])('%j', async (since, message) => {
    const refusal = await problem(await output(world.exec, { since }));
    expect(refusal).toMatchObject({ status: 422, code: 'invalid', field: 'since' });
    if (message) expect(refusal).toMatchObject({ message: expect.stringMatching(message) });
    expect(await problem(await output(world.exec, { since }, RAW))).toMatchObject({ status: 422, field: 'since' });
  });

  it('with a name of a reader that the command would wait for', async () => {
    expect(await problem(await output(world.exec, { since: '2026-01-01T00:00:00Z', hold: 'r' }))).toMatchObject({
      status: 422,
      field: 'since',
      message: expect.stringMatching(/^can’t be used with hold/),
    });
  });

  it('by the server’s own clock', async () => {
    const clock = manualClock();
    clock.step(-3_600_000);
    const { deps } = world.platform;
    servers.push(await serveLive(apiOver(world.platform, { deps: { ...deps, clock } })));
    const response = await output(world.exec, { since: new Date().toISOString() });
    expect(await problem(response)).toMatchObject({ status: 422, field: 'since' });
    await servers.pop()?.close();
  });

  it('and times are null, where the session’s keeper is an earlier one, which keeps none', async () => {
    const { deps } = world.platform;
    /** What a channel to such a keeper gives. */
    const earlier = (channel: ExecChannel): ExecChannel =>
      new Proxy(channel, {
        get: (target, name) => {
          if (name === 'offsetAt') return async () => null;
          const value: unknown = Reflect.get(target, name);
          if (name !== 'read') return typeof value === 'function' ? value.bind(target) : value;
          return async function* (...given: Parameters<ExecChannel['read']>) {
            for await (const event of target.read(...given))
              yield event.type === 'chunk' ? { ...event, time: null } : event;
          };
        },
      });
    const timeless = (real: Compute): Compute => ({
      ...real,
      exec: async (...given) => earlier(await real.exec(...given)),
    });
    const computes = { ...deps.computes, byDriver: (driver: string) => timeless(deps.computes.byDriver(driver)) };
    servers.push(await serveLive(apiOver(world.platform, { deps: { ...deps, computes } })));
    expect(chunks(await events(world.exec, {})).map(({ time }) => time)).toEqual([null]);
    expect(await problem(await output(world.exec, { since: '2026-01-01T00:00:00Z' }))).toMatchObject({
      status: 422,
      field: 'since',
      message: expect.stringMatching(/earlier version, which keeps no times/),
    });
    await servers.pop()?.close();
  });
});
