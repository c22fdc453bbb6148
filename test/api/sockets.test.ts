import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { FrameDecoder } from '#platform/protocol/decode.ts';
import { createLogger } from '#platform/logger.ts';
import { encodeFrame } from '#platform/protocol/encode.ts';
import { FRAME, type Frame } from '#platform/protocol/frames.ts';
import type { Serving } from '../../functions/api/serve.ts';
import { eventually, serveLive } from './support/live.ts';
import { manualClock } from './support/manual-clock.ts';
import { parseSse } from './support/sse.ts';
import { mustOpen, openSocket, type Socket } from './support/socket.ts';
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

const shellUrl = (session = world.session) => `${server.url}/v1/sessions/${session}/shell`;
const shell = () => mustOpen(shellUrl(), { key: world.keys.alice });
const outputUntil = async (socket: Socket, wanted: string): Promise<string> => {
  let text = '';
  while (!text.includes(wanted)) {
    const message = await socket.next();
    expect(message.type).toBe('output');
    text += String(message.data);
  }
  return text;
};

describe('a shell', () => {
  it('answers commands one after another, each with its two streams and its code', async () => {
    const socket = await shell();
    socket.send({ type: 'command', command: 'sleep 0.3; echo one; echo bad >&2; exit 2' });
    socket.send({ type: 'command', command: 'echo two' });
    expect(await socket.next()).toEqual({
      type: 'command_result',
      stdout: 'one\n',
      stderr: 'bad\n',
      returncode: 2,
      success: false,
    });
    expect(await socket.next()).toEqual({
      type: 'command_result',
      stdout: 'two\n',
      stderr: '',
      returncode: 0,
      success: true,
    });
    socket.ws.close(1000);
    expect(await socket.closed).toBe(1000);
  });

  it.each([
    ['nonsense', 'malformed'],
    ['[]', 'invalid'],
    ['null', 'invalid'],
    ['{}', 'invalid'],
    ['{"type":"reboot"}', 'invalid'],
    ['{"type":"command"}', 'invalid'],
    ['{"type":"command","command":""}', 'invalid'],
    ['{"type":"command","command":"a\\u0000b"}', 'invalid'],
    ['{"type":"command","command":"a\\ud800b"}', 'invalid'],
    ['{"type":"resize","cols":0,"rows":10}', 'invalid'],
    ['{"type":"input","data":7}', 'invalid'],
  ])('says what is wrong with %s, and goes on', async (raw, code) => {
    const socket = await shell();
    socket.send(raw);
    const error = await socket.next();
    expect(error).toEqual({ type: 'error', code, detail: expect.any(String) });
    expect(String(error.detail)).not.toMatch(/\n|\bat /);
    socket.send({ type: 'command', command: 'echo still here' });
    expect(await socket.next()).toMatchObject({ type: 'command_result', stdout: 'still here\n' });
    socket.ws.close();
  });

  it('is a terminal to what is typed', async () => {
    const socket = await shell();
    socket.send({ type: 'resize', cols: 133, rows: 41 });
    socket.send({ type: 'input', data: 'stty size; echo "<$((6*7))>"\n' });
    const text = await outputUntil(socket, '<42>');
    expect(text).toContain('41 133');
    socket.send({ type: 'input', data: 'exit\n' });
    expect(await socket.closed).toBe(1000);
  });

  it('hangs its terminal up when the socket closes', async () => {
    const socket = await shell();
    socket.send({ type: 'input', data: 'echo $((40+2))\n' });
    await outputUntil(socket, '42');
    socket.ws.terminate();
    await eventually('the terminal ends', async () => {
      const execs = (await world.call(`/v1/sessions/${world.session}/execs`)).json as {
        tty: boolean;
        status: string;
      }[];
      const terminals = execs.filter(({ tty }) => tty);
      return terminals.length > 0 && terminals.every(({ status }) => status !== 'running');
    });
  });

  it('ends the command that runs where its caller closes the socket', async () => {
    const socket = await shell();
    socket.send({ type: 'command', command: 'sleep 600; : closed' });
    const status = async (): Promise<string | undefined> => {
      const execs = (await world.call(`/v1/sessions/${world.session}/execs`)).json as {
        command: string | null;
        status: string;
      }[];
      return execs.find(({ command }) => command === 'sleep 600; : closed')?.status;
    };
    await eventually('it runs', async () => (await status()) === 'running');
    socket.ws.close(1000);
    await eventually('it is ended', async () => (await status()) === 'killed');
  });

  it('starts nothing of what still waits when the socket closes', async () => {
    const logged: string[] = [];
    const log = createLogger({ level: 'error', destination: { write: (line) => logged.push(line) } });
    const own = await serveLive(apiOver(world.platform, { log }));
    const socket = await mustOpen(`${own.url}/v1/sessions/${world.session}/shell`, { key: world.keys.alice });
    socket.send({ type: 'command', command: 'echo begun > waits; sleep 1; echo first >> waits' });
    socket.send({ type: 'command', command: 'echo second >> waits' });
    const written = async (): Promise<string> => {
      const body = { command: 'cat waits' };
      return String(
        ((await world.call(`/v1/sessions/${world.session}/execute`, { body })).json as { stdout: string }).stdout,
      );
    };
    await eventually('the first begins', async () => (await written()).startsWith('begun'));
    socket.ws.terminate();
    await eventually('the first ends', async () => (await written()).includes('first'));
    expect(await written()).toBe('begun\nfirst\n');
    expect(logged).toEqual([]);
    await own.close();
  });

  it('closes with 4401 once its key no longer holds', async () => {
    const { key_id, secret } = (await world.call('/v1/keys', { body: { name: 'x', user_id: 'alice' } })).json as {
      key_id: string;
      secret: string;
    };
    const socket = await mustOpen(shellUrl(), { key: secret });
    clock.advance(30_000);
    socket.send({ type: 'command', command: 'true' });
    expect(await socket.next()).toMatchObject({ type: 'command_result' });
    await world.call(`/v1/keys/${key_id}`, { method: 'DELETE' });
    clock.advance(30_000);
    expect(await socket.closed).toBe(4401);
  });

  it('closes with 4401 once its user may no longer use the session', async () => {
    const member = (method: string, role?: string) =>
      world.call('/v1/workspaces/alice/ws/members/guest', { method, ...(role ? { body: { role } } : {}) });
    await member('PUT', 'editor');
    const body = { name: 'x', user_id: 'guest' };
    const { secret } = (await world.call('/v1/keys', { body })).json as { secret: string };
    const socket = await mustOpen(shellUrl(), { key: secret });
    await member('PUT', 'viewer');
    clock.advance(30_000);
    expect(await socket.closed).toBe(4401);
    await member('DELETE');
  });

  it('lets go of a peer that answers no ping', async () => {
    const socket = await shell();
    // The client's library answers pings by itself; this one has lost its voice.
    socket.ws.pong = () => undefined;
    clock.advance(30_000);
    await new Promise((resolve) => socket.ws.once('ping', resolve));
    clock.advance(30_000);
    expect(await socket.closed).toBe(1006);
  });

  it('opens for those who may, and says by status why not to others', async () => {
    const status = async (url: string, key?: string) => {
      const answer = await openSocket(url, key === undefined ? {} : { key });
      if ('status' in answer) return answer.status;
      answer.ws.terminate();
      return 101;
    };
    expect(await status(shellUrl())).toBe(401);
    expect(await status(shellUrl(), 'omk_nonsense')).toBe(401);
    expect(await status(shellUrl(), world.keys.vera)).toBe(403);
    expect(await status(shellUrl(), world.keys.bob)).toBe(404);
    expect(await status(shellUrl('ses-none'), world.keys.alice)).toBe(404);
    expect(await status(shellUrl(), world.keys.edi)).toBe(101);
    expect(await status(`${server.url}/v1/nothing`, world.keys.alice)).toBe(404);
    const plain = await fetch(shellUrl(), { headers: { 'X-API-Key': world.keys.alice } });
    expect({ status: plain.status, code: ((await plain.json()) as { code: string }).code }).toEqual({
      status: 400,
      code: 'malformed',
    });
  });
});

describe('a ticket', () => {
  const ticket = async (key: string): Promise<{ status: number; subprotocol: string }> => {
    const answer = await world.call(`/v1/sessions/${world.session}/ticket`, { method: 'POST', key });
    return { status: answer.status, ...(answer.json as { subprotocol: string }) };
  };

  it('opens one WebSocket of its session, once', async () => {
    const { subprotocol } = await ticket(world.keys.edi);
    const socket = await mustOpen(shellUrl(), { protocols: ['onmemos.v1', subprotocol] });
    expect(socket.ws.protocol).toBe('onmemos.v1');
    socket.send({ type: 'command', command: 'echo hi' });
    expect(await socket.next()).toMatchObject({ stdout: 'hi\n' });
    socket.ws.close();
    expect(await openSocket(shellUrl(), { protocols: ['onmemos.v1', subprotocol] })).toEqual({ status: 401 });
  });

  it('opens nothing for another session, and is used up by the attempt', async () => {
    const { subprotocol } = await ticket(world.keys.edi);
    expect(await openSocket(shellUrl('ses-other'), { protocols: [subprotocol] })).toEqual({ status: 401 });
    expect(await openSocket(shellUrl(), { protocols: [subprotocol] })).toEqual({ status: 401 });
  });

  it('is enough by itself, and has no other use', async () => {
    const { subprotocol } = await ticket(world.keys.alice);
    const rest = await fetch(`${server.url}/v1/sessions/${world.session}`, {
      headers: { 'sec-websocket-protocol': subprotocol },
    });
    expect(rest.status).toBe(401);
    const socket = await mustOpen(shellUrl(), { protocols: [subprotocol] });
    expect(socket.ws.protocol).toBe(subprotocol);
    socket.ws.close();
  });
});

describe('attach', () => {
  const attached = async (exec: string, query = '') => {
    const frames: Frame[] = [];
    const decoder = new FrameDecoder();
    const socket = await mustOpen(`${server.url}/v1/sessions/${world.session}/execs/${exec}/attach${query}`, {
      key: world.keys.alice,
      message: (data) => frames.push(...decoder.push(data)),
    });
    socket.ws.send(encodeFrame(FRAME.hello, { version: 1 }));
    return {
      socket,
      frames,
      text: () =>
        Buffer.concat(frames.filter(({ type }) => type === FRAME.chunk).flatMap(({ data }) => data)).toString(),
    };
  };
  const start = async (body: object) =>
    ((await world.call(`/v1/sessions/${world.session}/execs`, { body })).json as { exec_id: string }).exec_id;

  it('is both ways to a command, up to its exit', async () => {
    const exec = await start({ command: 'while read line; do echo "<$line>"; done; exit 5', stdin: true });
    const { socket, frames, text } = await attached(exec);
    socket.ws.send(encodeFrame(FRAME.stdin, { offset: 0 }, Buffer.from('one\n')));
    await eventually('the line comes back', () => text().includes('<one>'));
    socket.ws.send(encodeFrame(FRAME.stdin, { offset: 4, eof: true }));
    await eventually('the exit is told', () => frames.some(({ type }) => type === FRAME.exit));
    expect(frames.find(({ type }) => type === FRAME.exit)?.header).toMatchObject({
      exec: { status: 'exited', exit_code: 5 },
    });
    expect(await socket.closed).toBe(1000);
  });

  it('ends with the code that every other answer has, also where the command chose one at its timeout', async () => {
    const at = `/v1/sessions/${world.session}`;
    const command = 'trap "exit 3" TERM; while :; do sleep 0.05; done';
    const body = { command, timeout: 1, exec_id: 'trapped' };
    expect((await world.call(`${at}/execute`, { body })).json).toMatchObject({ returncode: 124, timed_out: true });
    const ended = { exec_id: 'trapped', status: 'timed_out', exit_code: 124 };
    const read = await world.call(`${at}/execs/trapped`);
    expect(read.json).toMatchObject(ended);
    expect((await world.call(`${at}/jobs/trapped/status`)).json).toMatchObject({ returncode: 124 });
    const { items } = (await world.call(`${at}/execs?limit=1000`)).json as { items: { exec_id: string }[] };
    expect(items.find(({ exec_id }) => exec_id === 'trapped')).toEqual(read.json);
    const events = parseSse((await world.call(`${at}/execs/trapped/output`)).text);
    expect(events.at(-1)).toMatchObject({ event: 'exit', data: read.json });
    const { socket, frames } = await attached('trapped');
    expect(await socket.closed).toBe(1000);
    expect(frames.find(({ type }) => type === FRAME.exit)?.header).toMatchObject({ exec: ended });
  });

  it('holds a peer back that types more than a command reads, and loses none of it', async () => {
    const exec = await start({ command: 'while ! test -e /tmp/go; do sleep 0.05; done; wc -c', stdin: true });
    const { socket, text } = await attached(exec);
    const [piece, pieces] = [Buffer.alloc(256 * 1024), 64];
    for (let i = 0; i < pieces; i++) socket.ws.send(encodeFrame(FRAME.stdin, { offset: i * piece.length }, piece));
    socket.ws.send(encodeFrame(FRAME.stdin, { offset: pieces * piece.length, eof: true }));
    let before = -1;
    await eventually('the peer is held back', async () => {
      const unsent = socket.ws.bufferedAmount;
      const still = unsent > 0 && unsent === before;
      before = unsent;
      if (!still) await systemClock.sleep(500);
      return still;
    });
    for (let i = 0; i < 4; i++) clock.advance(30_000);
    expect(socket.ws.readyState).toBe(socket.ws.OPEN);
    await world.call(`/v1/sessions/${world.session}/execute`, { body: { command: 'touch /tmp/go' } });
    expect(await socket.closed).toBe(1000);
    expect(text().trim()).toBe(String(pieces * piece.length));
  });

  it('begins at the offset asked for', async () => {
    const exec = await start({ command: 'printf 0123456789' });
    // An offset past the end of the log is refused: the output has to be there.
    await eventually('it has ended', async () => {
      const { json } = await world.call(`/v1/sessions/${world.session}/execs/${exec}`);
      return (json as { status: string }).status === 'exited';
    });
    const { socket, text } = await attached(exec, '?from=4');
    expect(await socket.closed).toBe(1000);
    expect(text()).toBe('456789');
  });

  it('closes on a peer that speaks something else', async () => {
    const exec = await start({ command: 'sleep 60' });
    const socket = await mustOpen(`${server.url}/v1/sessions/${world.session}/execs/${exec}/attach`, {
      key: world.keys.alice,
      message: () => {},
    });
    socket.ws.send('GET / HTTP/1.1\r\n\r\n');
    expect(await socket.closed).toBe(1011);
  });

  it('of a command that is not there is refused', async () => {
    const url = `${server.url}/v1/sessions/${world.session}/execs/none/attach`;
    expect(await openSocket(url, { key: world.keys.alice })).toEqual({ status: 404 });
  });
});
