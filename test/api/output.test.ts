import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Serving } from '../../functions/api/serve.ts';
import { eventually, serveLive } from './support/live.ts';
import { manualClock } from './support/manual-clock.ts';
import { bytesOf, parseSse } from './support/sse.ts';
import { apiOver, openWorld, type World } from './support/world.ts';

let world: World;
let server: Serving;
const clock = manualClock();
beforeAll(async () => {
  world = await openWorld();
  server = await serveLive(apiOver(world.platform, { clock }));
});
afterAll(async () => {
  await server?.close();
  await world?.close();
});

const start = async (command: string, given: object = {}): Promise<string> => {
  const answer = await world.call(`/v1/sessions/${world.session}/execs`, { body: { command, ...given } });
  expect({ status: answer.status, text: answer.status === 200 ? '' : answer.text }).toEqual({ status: 200, text: '' });
  return (answer.json as { exec_id: string }).exec_id;
};
const execAt = async (exec: string) =>
  (await world.call(`/v1/sessions/${world.session}/execs/${exec}`)).json as { status: string; next_offset: number };
const ended = (exec: string) => eventually('the command ends', async () => (await execAt(exec)).status !== 'running');
const output = (exec: string, query = '', headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${server.url}/v1/sessions/${world.session}/execs/${exec}/output${query}`, {
    headers: { 'X-API-Key': world.keys.alice, ...headers },
    ...(signal ? { signal } : {}),
  });
const events = async (exec: string, query = '', headers: Record<string, string> = {}) => {
  const response = await output(exec, query, headers);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  return parseSse(await response.text());
};
const RAW = { accept: 'text/plain' };
const openStreams = async (): Promise<number> => {
  const { text } = {
    text: await (await fetch(`${server.url}/metrics`, { headers: { 'X-API-Key': world.keys.admin } })).text(),
  };
  return [...text.matchAll(/^onmemos_open_streams\{[^}]*\} (\d+)$/gm)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
};

describe('server-sent events', () => {
  it('replay both streams in order, number each by the offset after it, and end with the exec', async () => {
    const exec = await start('printf out; printf err >&2; exit 3');
    const seen = await events(exec);
    expect(bytesOf(seen, 'stdout').toString()).toBe('out');
    expect(bytesOf(seen, 'stderr').toString()).toBe('err');
    let offset = 0;
    for (const { id, data } of seen.slice(0, -1)) {
      expect(data.seq).toBe(offset);
      offset = Number(id);
    }
    expect(seen.at(-1)).toMatchObject({
      id: '6.exit',
      event: 'exit',
      data: { exec_id: exec, status: 'exited', exit_code: 3, next_offset: 6 },
    });
  });

  it('go on from any offset, exactly there, until the end was seen', async () => {
    const exec = await start('printf 0123456789');
    await ended(exec);
    for (let from = 0; from <= 10; from++) {
      const seen = await events(exec, `?from=${from}`);
      expect(bytesOf(seen).toString()).toBe('0123456789'.slice(from));
      if (from < 10) expect(seen[0]?.data.seq).toBe(from);
      else expect(seen.map(({ event }) => event)).toEqual(['exit']);
    }
    expect((await events(exec, '?from=2', { 'Last-Event-ID': '7' }))[0]).toMatchObject({
      data: { seq: 7, data: '789' },
    });
    const over = await output(exec, '', { 'Last-Event-ID': '10.exit' });
    expect({ status: over.status, text: await over.text() }).toEqual({ status: 204, text: '' });
  });

  it.each([
    ['?from=11', {}, 'from'],
    ['?from=-1', {}, 'from'],
    ['?from=x', {}, 'from'],
    ['', { 'Last-Event-ID': '999' }, 'from'],
    ['', { 'Last-Event-ID': 'nonsense' }, 'Last-Event-ID'],
  ])('refuse %s %o', async (query, headers, field) => {
    const exec = await start('printf 0123456789');
    await ended(exec);
    const response = await output(exec, query, headers as Record<string, string>);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'invalid', errors: [{ field }] });
  });

  it('follow a command while it runs', async () => {
    const exec = await start('read line; printf "got $line"', { stdin: true });
    const reading = events(exec);
    const wrote = await world.call(`/v1/sessions/${world.session}/execs/${exec}/stdin`, {
      body: { offset: 0, data: 'it\n', eof: true },
    });
    expect(wrote.json).toEqual({ next_offset: 3, eof: true });
    expect(bytesOf(await reading).toString()).toBe('got it');
  });

  it('carry any bytes', async () => {
    const seen = await events(await start("printf '\\377\\000\\303'; sleep 0.2; printf '\\244'; printf 'ä' >&2"));
    expect(bytesOf(seen, 'stdout')).toEqual(Buffer.from([0xff, 0x00, 0xc3, 0xa4]));
    expect(
      seen
        .filter(({ event }) => event === 'chunk')
        .every(({ data }) => ['utf8', 'base64'].includes(String(data.encoding))),
    ).toBe(true);
    expect(bytesOf(seen, 'stderr').toString()).toBe('ä');
  });

  it('say what was dropped before they tell the rest', async () => {
    const exec = await start('head -c 5000000 /dev/zero', { log_limit_mb: 1 });
    await ended(exec);
    const seen = await events(exec, '?from=0');
    const [gap, first] = seen;
    expect(gap).toMatchObject({ event: 'gap', data: { from: 0, to: first?.data.seq } });
    expect(gap?.id).toBe(String(first?.data.seq));
    expect(Number(first?.data.seq) + bytesOf(seen).length).toBe(5_000_000);
  });

  it('show a sign of life when nothing else is said', async () => {
    const exec = await start('sleep 60');
    const stop = new AbortController();
    const response = await output(exec, '', {}, stop.signal);
    const reader = response.body?.getReader();
    clock.advance(15_000);
    const part = await reader?.read();
    expect(Buffer.from(part?.value ?? []).toString()).toBe(':\n\n');
    stop.abort();
    await eventually('the server lets go of the stream', async () => (await openStreams()) === 0);
  });

  it('break off once the key no longer holds', async () => {
    const { key_id, secret } = (await world.call('/v1/keys', { body: { name: 'x', user_id: 'alice' } })).json as {
      key_id: string;
      secret: string;
    };
    const response = await output(await start('sleep 60'), '', { 'X-API-Key': secret });
    await world.call(`/v1/keys/${key_id}`, { method: 'DELETE' });
    const reading = response.text().then(
      () => 'ended as if all was said',
      () => 'broken off',
    );
    clock.advance(30_000);
    expect(await reading).toBe('broken off');
  });
});

describe('the raw log', () => {
  it('is the bytes and nothing else, from the offset that the header says', async () => {
    const exec = await start("printf '\\377abc'; printf def");
    await ended(exec);
    const whole = await output(exec, '', RAW);
    expect(whole.headers.get('onmemos-offset')).toBe('0');
    expect(whole.headers.get('content-type')).toContain('text/plain');
    expect(Buffer.from(await whole.arrayBuffer())).toEqual(Buffer.from([0xff, ...Buffer.from('abcdef')]));
    const rest = await output(exec, '?from=4', RAW);
    expect(rest.headers.get('onmemos-offset')).toBe('4');
    expect(await rest.text()).toBe('def');
  });

  it('begins at the oldest byte kept, and says so', async () => {
    const exec = await start('head -c 5000000 /dev/zero', { log_limit_mb: 1 });
    await ended(exec);
    for (const query of ['', '?from=0']) {
      const response = await output(exec, query, RAW);
      const offset = Number(response.headers.get('onmemos-offset'));
      expect(offset).toBeGreaterThan(0);
      expect((await response.arrayBuffer()).byteLength).toBe(5_000_000 - offset);
    }
  });

  it('breaks off where bytes were dropped before a slow reader had them', async () => {
    const exec = await start('head -c 300000000 /dev/zero', { log_limit_mb: 1 });
    const drain = async (): Promise<string> => {
      const response = await output(exec, '', RAW);
      // Nothing is read until the command has ended. The break may come before the head of the answer has left, with
      // the first read or with a later one.
      await ended(exec);
      const reader = response.body?.getReader();
      while (!(await reader?.read())?.done);
      return 'ended as if all was said';
    };
    await expect(drain()).rejects.toThrow();
  });

  it('lets go of a reader that has left', async () => {
    const stop = new AbortController();
    // More than fits on the way, so that it waits for its reader; less than the log keeps.
    const exec = await start('head -c 10000000 /dev/zero; sleep 60');
    const response = await output(exec, '', RAW, stop.signal);
    await response.body?.getReader().read();
    expect(await openStreams()).toBe(1);
    stop.abort();
    await eventually('the server lets go of the stream', async () => (await openStreams()) === 0);
  });
});

it('HEAD opens no stream', async () => {
  const exec = await start('sleep 60');
  const response = await fetch(`${server.url}/v1/sessions/${world.session}/execs/${exec}/output`, {
    method: 'HEAD',
    headers: { 'X-API-Key': world.keys.alice },
  });
  expect(response.status).toBe(204);
  expect(await openStreams()).toBe(0);
});
