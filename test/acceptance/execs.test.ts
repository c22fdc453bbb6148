import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldsOf, ok, refused } from './support/api.ts';
import type { Exec } from './support/shapes.ts';
import { bytesOf, joined, readSse, type SseEvent, sse } from './support/sse.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { type Sandbox, sandbox, unique } from './support/world.ts';

let box: Sandbox;
beforeAll(async () => {
  box = await sandbox(admin);
});
afterAll(() => box.remove());

const start = async (body: object) => ok(await box.api.post<Exec>(`${box.at}/execs`, body));
const get = async (exec_id: string) => ok(await box.api.get<Exec>(`${box.at}/execs/${exec_id}`));
const outputOf = (exec_id: string, query = ''): string => `${box.at}/execs/${exec_id}/output${query}`;
const ended = (exec_id: string) =>
  until('the command ends', async () => {
    const exec = await get(exec_id);
    return exec.status === 'running' ? null : exec;
  });
const text = async (exec_id: string, query = '') => {
  const answer = await box.api.raw('GET', outputOf(exec_id, query), { headers: { Accept: 'text/plain' } });
  return {
    status: answer.status,
    from: answer.headers.get('onmemos-offset'),
    body: Buffer.from(await answer.arrayBuffer()),
  };
};
const stdoutOf = (events: readonly SseEvent[]): string =>
  joined(events.filter(({ data }) => data['stream'] === 'stdout')).bytes.toString();
const run = async (body: object): Promise<string> => {
  const { exec_id } = await start(body);
  return joined(await readSse(box.api, outputOf(exec_id))).bytes.toString();
};

describe('starting a command', () => {
  it('answers the exec at once', async () => {
    const exec = await start({ command: 'sleep 30' });
    expect(exec).toMatchObject({
      exec_id: expect.any(String),
      session_id: box.session.id,
      command: 'sleep 30',
      argv: null,
      status: 'running',
      exit_code: null,
      signal: null,
      next_offset: 0,
      started_at: expect.any(String),
      ended_at: null,
    });
    const killed = ok(await box.api.del<Exec>(`${box.at}/execs/${exec.exec_id}`));
    expect(killed.exec_id).toBe(exec.exec_id);
    expect(await ended(exec.exec_id)).toMatchObject({ status: 'killed', exit_code: null, signal: expect.any(String) });
  });

  it('runs an argv without a shell', async () => {
    expect(await run({ argv: ['printf', '%s|', 'a b', '$HOME', '*', ''] })).toBe('a b|$HOME|*||');
    refused(await box.api.post(`${box.at}/execs`, {}), 'invalid');
    refused(await box.api.post(`${box.at}/execs`, { command: 'true', argv: ['true'] }), 'invalid');
    refused(await box.api.post(`${box.at}/execs`, { argv: [] }), 'invalid');
  });

  it('says what was wrong with a start, and records it', async () => {
    const nothing = await box.api.post(`${box.at}/execs`, { argv: ['/no/such/program'] });
    if (nothing.status === 200) {
      expect(await ended((nothing.body as unknown as Exec).exec_id)).toMatchObject({
        status: 'exited',
        exit_code: 127,
      });
    } else refused(nothing, 'invalid');
    expect(
      fieldsOf(refused(await box.api.post(`${box.at}/execs`, { command: 'true', exec_id: '../up' }), 'invalid')),
    ).toEqual(['exec_id']);
    for (const log_limit_mb of [0, 1025, 1.5]) {
      refused(await box.api.post(`${box.at}/execs`, { command: 'true', log_limit_mb }), 'invalid');
    }
  });

  it('starts an id of the caller’s once, whoever of ten asks', async () => {
    const exec_id = unique('mine');
    const body = { exec_id, command: 'echo started >> once; cat once; sleep 0.2' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => start(body)));
    expect(new Set(answers.map((exec) => `${exec.exec_id} ${exec.started_at}`)).size).toBe(1);
    await ended(exec_id);
    expect((await text(exec_id)).body.toString()).toBe('started\n');
    expect((await start(body)).status).toBe('exited');
    expect(await run({ command: 'cat once' })).toBe('started\n');
  });

  it('is listed', async () => {
    const exec = await start({ command: 'true' });
    const list = ok(await box.api.get<Exec[]>(`${box.at}/execs`));
    expect(list.map(({ exec_id }) => exec_id)).toContain(exec.exec_id);
    refused(await box.api.get(`${box.at}/execs/none`), 'not_found');
  });
});

describe('output', () => {
  it('gives identical tails of a mixed log of 5,000 bytes from every offset', async () => {
    const script =
      'i=0; while [ $i -lt 250 ]; do echo stdout-$i; echo stderr-$i >&2; i=$((i+1)); done; printf %2000s x';
    const { exec_id } = await start({ command: script });
    const events = await readSse(box.api, outputOf(exec_id));
    const whole = joined(events);
    expect(whole.bytes.length).toBeGreaterThan(5_000);
    let seq = 0;
    for (const event of events.slice(0, -1)) {
      expect(event.data['seq']).toBe(seq);
      seq += bytesOf(event).length;
      expect(event.id).toBe(String(seq));
    }
    expect(events.at(-1)).toMatchObject({
      event: 'exit',
      id: `${seq}.exit`,
      data: { exec_id, status: 'exited', exit_code: 0, next_offset: seq },
    });
    const same = async (from: number): Promise<void> => {
      const tail = joined(await readSse(box.api, outputOf(exec_id, `?from=${from}`)));
      if (!tail.bytes.equals(whole.bytes.subarray(from))) throw new Error(`the tail from ${from} differs`);
      if (!tail.streams.equals(whole.streams.subarray(from))) throw new Error(`the streams from ${from} differ`);
    };
    for (let from = 0; from <= 5_000; from += 25) {
      await Promise.all(Array.from({ length: 25 }, (_, i) => same(from + i)));
    }
    await same(seq);
  });

  it('goes on after the last event seen, which wins over from, and is 204 after the end', async () => {
    const { exec_id } = await start({ command: 'echo one; echo two' });
    await ended(exec_id);
    const resumed = await readSse(box.api, outputOf(exec_id, '?from=0'), { 'Last-Event-ID': '4' });
    expect(joined(resumed).bytes.toString()).toBe('two\n');
    const past = await box.api.raw('GET', outputOf(exec_id), { headers: { 'Last-Event-ID': '8.exit' } });
    expect(past.status).toBe(204);
    const atEnd = await readSse(box.api, outputOf(exec_id, '?from=8'));
    expect(atEnd.map(({ event }) => event)).toEqual(['exit']);
    const wrong = { 'Last-Event-ID': 'nonsense' };
    refused(await box.api.get(outputOf(exec_id), { Accept: 'text/event-stream', ...wrong }), 'invalid');
  });

  it('refuses to read past the end', async () => {
    const { exec_id } = await start({ command: 'printf 12345' });
    await ended(exec_id);
    for (const accept of ['text/event-stream', 'text/plain']) {
      const problem = refused(await box.api.get(outputOf(exec_id, '?from=6'), { Accept: accept }), 'invalid');
      expect(fieldsOf(problem)).toEqual(['from']);
    }
    for (const from of ['-1', 'x', '1.5']) refused(await box.api.get(outputOf(exec_id, `?from=${from}`)), 'invalid');
  });

  it('follows a command as it prints', async () => {
    const { exec_id } = await start({
      command: 'echo ready; while [ ! -e on ]; do sleep 0.05; done; echo on',
      merge: true,
    });
    const events = sse(box.api, outputOf(exec_id));
    const first = await events.next();
    expect(first.value && bytesOf(first.value).toString()).toBe('ready\n');
    await run({ command: 'touch on' });
    const second = await events.next();
    expect(second.value && bytesOf(second.value).toString()).toBe('on\n');
    expect((await events.next()).value).toMatchObject({ event: 'exit' });
    expect((await events.next()).done).toBe(true);
  });

  it('is raw text where that is asked for, from any offset', async () => {
    const { exec_id } = await start({ command: "printf 'abc\\377def'" });
    await ended(exec_id);
    const whole = await text(exec_id);
    expect(whole).toEqual({ status: 200, from: '0', body: Buffer.from('abc\xffdef', 'latin1') });
    expect(await text(exec_id, '?from=5')).toEqual({ status: 200, from: '5', body: Buffer.from('ef') });
  });

  it('gives bytes that are no text as base64', async () => {
    const { exec_id } = await start({ command: "printf '\\000\\377\\376'" });
    const [chunk] = await readSse(box.api, outputOf(exec_id));
    expect(chunk?.data).toMatchObject({ encoding: 'base64', stream: 'stdout', seq: 0 });
    expect(chunk && bytesOf(chunk)).toEqual(Buffer.from([0, 255, 254]));
  });

  it('drops the oldest past its limit and says so', async () => {
    const { exec_id } = await start({ command: 'head -c 5000000 /dev/zero; printf tail', log_limit_mb: 1 });
    expect((await ended(exec_id)).next_offset).toBe(5_000_004);
    const events = await readSse(box.api, outputOf(exec_id, '?from=10'));
    const [gap] = events;
    expect(gap).toMatchObject({ event: 'gap', data: { from: 10 } });
    const kept = Number(gap?.data['to']);
    expect(gap?.id).toBe(String(kept));
    expect(5_000_004 - kept).toBeGreaterThanOrEqual(1024 * 1024);
    expect(joined(events).bytes.length).toBe(5_000_004 - kept);
    expect(joined(events).bytes.subarray(-4).toString()).toBe('tail');
    const oldest = await text(exec_id);
    expect(oldest).toMatchObject({ status: 200, from: String(kept) });
    expect(oldest.body.length).toBe(5_000_004 - kept);
    expect((await text(exec_id, '?from=10')).from).toBe(String(kept));
  });

  it('never joins over a gap: raw text is broken off, a stream of events says it', async () => {
    const command = 'while [ ! -e pour ]; do sleep 0.05; done; head -c 80000000 /dev/zero; printf tail';
    const { exec_id } = await start({ command: `echo first; ${command}`, log_limit_mb: 1 });
    await until('it has begun', async () => (await get(exec_id)).next_offset === 6);
    const raw = await box.api.raw('GET', outputOf(exec_id), { headers: { Accept: 'text/plain' } });
    const events = sse(box.api, outputOf(exec_id));
    expect((await events.next()).value).toMatchObject({ event: 'chunk' });
    expect(raw.headers.get('onmemos-offset')).toBe('0');
    await run({ command: 'touch pour' });
    // Nobody reads meanwhile.
    expect((await ended(exec_id)).next_offset).toBe(80_000_010);
    const size = await raw.arrayBuffer().then(
      ({ byteLength }) => byteLength,
      () => 'broken off',
    );
    expect(size).toBe('broken off');
    let [position, gaps] = [6, 0];
    for await (const event of events) {
      if (event.event === 'gap') {
        expect(event.data['from']).toBe(position);
        position = Number(event.data['to']);
        gaps++;
      } else if (event.event === 'chunk') {
        expect(event.data['seq']).toBe(position);
        position += bytesOf(event).length;
      }
    }
    expect([position, gaps > 0]).toEqual([80_000_010, true]);
  });

  it('loses nothing of 50 MB over twenty cuts', async () => {
    const size = 50_000_000;
    const command = `f=$(mktemp); head -c ${size} /dev/urandom > $f; cat $f; sha256sum < $f | cut -c1-64 >&2; rm $f`;
    const { exec_id } = await start({ command, merge: false });
    const hash = createHash('sha256');
    let position = 0;
    let said = '';
    const cuts = Array.from({ length: 20 }, (_, i) => Math.floor(((i + 0.37) / 20) * size));
    for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
      for await (const event of sse(box.api, outputOf(exec_id, `?from=${position}`))) {
        if (event.event === 'exit') break;
        expect(event).toMatchObject({ event: 'chunk', data: { seq: position } });
        const bytes = bytesOf(event);
        position += bytes.length;
        if (event.data['stream'] === 'stdout') hash.update(bytes);
        else said += bytes.toString();
        if (position >= cut) break;
      }
    }
    expect(position).toBe(size + 65);
    expect(said.trim()).toBe(hash.digest('hex'));
  });
});

describe('stdin', () => {
  const stdin = (exec_id: string, body: object) =>
    box.api.post<{ next_offset: number; eof: boolean }>(`${box.at}/execs/${exec_id}/stdin`, body);

  it('takes each byte once, by its offset', async () => {
    const { exec_id } = await start({ command: 'cat', stdin: true });
    const send = async (body: object) => ok(await stdin(exec_id, body)).next_offset;
    expect(await send({ offset: 0, data: 'hello ' })).toBe(6);
    expect(await send({ offset: 0, data: 'hello ' })).toBe(6);
    expect(await send({ offset: 3, data: Buffer.from('lo world').toString('base64'), encoding: 'base64' })).toBe(11);
    expect(fieldsOf(refused(await stdin(exec_id, { offset: 12, data: 'x' }), 'invalid'))).toEqual(['offset']);
    expect(fieldsOf(refused(await stdin(exec_id, { offset: 11, data: '*', encoding: 'base64' }), 'invalid'))).toEqual([
      'data',
    ]);
    expect(await send({ offset: 11, data: '', eof: true })).toBe(11);
    await ended(exec_id);
    refused(await stdin(exec_id, { offset: 11, data: 'x' }), 'conflict');
    expect((await text(exec_id)).body.toString()).toBe('hello world');
    expect(await get(exec_id)).toMatchObject({ exit_code: 0, stdin_offset: 11 });
  });

  it('takes the same bytes from many at once and passes them on once', async () => {
    const { exec_id } = await start({ command: 'cat', stdin: true });
    const sent = await Promise.all(
      Array.from({ length: 8 }, () => stdin(exec_id, { offset: 0, data: 'x'.repeat(1000) })),
    );
    expect(new Set(sent.map((each) => ok(each).next_offset))).toEqual(new Set([1000]));
    ok(await stdin(exec_id, { offset: 1000, data: '', eof: true }));
    expect((await ended(exec_id)).next_offset).toBe(1000);
  });

  it('is closed unless it was asked for', async () => {
    const { exec_id } = await start({ command: 'sleep 30' });
    refused(await stdin(exec_id, { offset: 0, data: 'x' }), 'conflict');
    ok(await box.api.del(`${box.at}/execs/${exec_id}`));
  });
});

describe('signals and terminals', () => {
  it('reach the whole process group', async () => {
    const { exec_id } = await start({ command: 'sleep 1000 & sleep 1000; echo not here' });
    ok(await box.api.post(`${box.at}/execs/${exec_id}/signal`, { signal: 'SIGTERM' }));
    expect(await ended(exec_id)).toMatchObject({ status: 'killed', signal: 'TERM', exit_code: null });
    refused(await box.api.post(`${box.at}/execs/${exec_id}/signal`, { signal: 'NONSENSE' }), 'invalid');
  });

  it('can be handled by the command', async () => {
    const { exec_id } = await start({
      command: "trap 'echo got it; exit 3' USR1; echo ready; while :; do sleep 0.05; done",
    });
    await until('it is ready', async () => (await get(exec_id)).next_offset > 0);
    ok(await box.api.post(`${box.at}/execs/${exec_id}/signal`, { signal: 'usr1' }));
    expect(await ended(exec_id)).toMatchObject({ status: 'exited', exit_code: 3 });
    expect(stdoutOf(await readSse(box.api, outputOf(exec_id)))).toBe('ready\ngot it\n');
  });

  it('are sent once under one Idempotency-Key', async () => {
    const { exec_id } = await start({
      command: "trap 'echo hit' USR1; trap 'echo last; exit' USR2; echo ready; while :; do sleep 0.05; done",
    });
    await until('it is ready', async () => (await get(exec_id)).next_offset > 0);
    const headers = { 'Idempotency-Key': unique('signal') };
    for (let i = 0; i < 3; i++)
      ok(await box.api.post(`${box.at}/execs/${exec_id}/signal`, { signal: 'USR1' }, headers));
    await until('it is hit', async () => (await get(exec_id)).next_offset >= 'ready\nhit\n'.length);
    // A second one would be on its way by now, ahead of what is written here.
    ok(await box.api.post(`${box.at}/execs/${exec_id}/signal`, { signal: 'USR2' }));
    await ended(exec_id);
    expect(stdoutOf(await readSse(box.api, outputOf(exec_id)))).toBe('ready\nhit\nlast\n');
  });

  it('time-outs end a command and are told apart from kills', async () => {
    const { exec_id } = await start({ command: 'echo before; sleep 1000', timeout: 0.5 });
    expect(await ended(exec_id)).toMatchObject({ status: 'timed_out' });
    expect((await text(exec_id)).body.toString()).toBe('before\n');
  });

  it('merge gives one pipe in exact order', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => `echo ${i}${i % 2 ? ' >&2' : ''}`).join('; ');
    const printed = await run({ command: lines, merge: true });
    expect(printed.trim().split('\n')).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  });

  it('tty gives a terminal of the size asked for', async () => {
    expect((await run({ command: 'test -t 0 && test -t 1 && stty size', tty: { cols: 101, rows: 37 } })).trim()).toBe(
      '37 101',
    );
    expect((await run({ command: 'test -t 1 || echo none' })).trim()).toBe('none');
  });
});
