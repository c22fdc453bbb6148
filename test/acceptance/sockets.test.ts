import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type WebSocket from 'ws';
import { ok } from './support/api.ts';
import { decoder, encode, FRAME, type Frame } from './support/frames.ts';
import type { Exec, Key } from './support/shapes.ts';
import { type JsonSocket, jsonSocket, openSocket, upgradeStatus } from './support/socket.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { person, type Sandbox, sandbox } from './support/world.ts';

let box: Sandbox;
beforeAll(async () => {
  box = await sandbox(admin);
});
afterAll(() => box.remove());

describe('the shell of the v3 clients', () => {
  const open = async (): Promise<JsonSocket> => jsonSocket(await openSocket(box.api, `${box.at}/shell`));
  /** Types into the terminal until its output holds what is waited for. */
  const typed = async (shell: JsonSocket, data: string, wanted: RegExp): Promise<string> => {
    let seen = '';
    shell.send({ type: 'input', data });
    await shell.take((message) => {
      seen += message['type'] === 'output' ? String(message['data']) : '';
      return wanted.test(seen);
    });
    return seen;
  };

  it('answers a command with its result', async () => {
    const shell = await open();
    shell.send({ type: 'command', command: 'echo out; echo err >&2; exit 4' });
    expect(await shell.next()).toEqual({
      type: 'command_result',
      stdout: 'out\n',
      stderr: 'err\n',
      returncode: 4,
      success: false,
    });
    shell.close();
    expect(await shell.closed).toBe(1000);
  });

  it('runs the commands of one socket one after another', async () => {
    const shell = await open();
    for (let i = 0; i < 20; i++)
      shell.send({ type: 'command', command: `sleep 0.0${9 - (i % 10)}; echo ${i} | tee -a order` });
    for (let i = 0; i < 20; i++) expect(await shell.next()).toMatchObject({ stdout: `${i}\n`, success: true });
    shell.send({ type: 'command', command: 'cat order' });
    const all = Array.from({ length: 20 }, (_, i) => `${i}\n`).join('');
    expect(await shell.next()).toMatchObject({ stdout: all });
    shell.close();
  });

  it('lets two sockets run beside each other', async () => {
    const [one, two] = [await open(), await open()];
    one.send({ type: 'command', command: 'while [ ! -e two-was-here ]; do sleep 0.05; done; echo one' });
    two.send({ type: 'command', command: 'touch two-was-here; echo two' });
    expect(await two.next()).toMatchObject({ stdout: 'two\n' });
    expect(await one.next()).toMatchObject({ stdout: 'one\n' });
    one.close();
    two.close();
  });

  it('opens a terminal at the first input, of the size said before, and takes another size', async () => {
    const shell = await open();
    shell.send({ type: 'resize', cols: 91, rows: 33 });
    await typed(shell, 'stty size; echo en""d\n', /33 91[\s\S]*end\r\n/);
    shell.send({ type: 'resize', cols: 120, rows: 40 });
    await typed(shell, 'stty size; echo do""ne\n', /40 120[\s\S]*done\r\n/);
    await typed(shell, 'printf "ä%s\\n" ö\n', /äö\r\n/);
    shell.close();
  });

  it('keeps its terminal and its commands apart', async () => {
    const shell = await open();
    await typed(shell, 'HERE=terminal; echo "<$HERE>"\n', /<terminal>/);
    shell.send({ type: 'command', command: 'echo "[$HERE]"' });
    const taken = await shell.take((message) => message['type'] === 'command_result');
    expect(taken.at(-1)).toMatchObject({ stdout: '[]\n' });
    shell.close();
  });

  it('hangs the terminal up when the socket closes', async () => {
    const shell = await open();
    await typed(shell, 'sleep 5432 & echo st""arted\n', /started\r\n/);
    shell.close();
    const gone = async () => {
      const execs = ok(await box.api.get<Exec[]>(`${box.at}/execs?limit=1`)) as unknown as { items: Exec[] };
      return execs.items.every(({ status }) => status !== 'running');
    };
    await until('the terminal is gone', gone);
  });

  it('says that its terminal has ended by closing', async () => {
    const shell = await open();
    shell.send({ type: 'input', data: 'exit\n' });
    expect(await shell.closed).toBe(1000);
  });

  it('answers bad frames with an error and goes on', async () => {
    const shell = await open();
    const bad: unknown[] = ['{', '[]', '"x"', 'null', {}, { type: 'dance' }, { type: 'command' }];
    bad.push({ type: 'command', command: 5 }, { type: 'resize', cols: 0, rows: -1 }, { type: 'input' });
    for (const message of bad) {
      shell.send(message);
      expect(await shell.next(), JSON.stringify(message)).toMatchObject({
        type: 'error',
        detail: expect.any(String),
        code: expect.stringMatching(/^(malformed|invalid)$/),
      });
    }
    shell.socket.send(Buffer.from([0xff, 0xfe]));
    expect(await shell.next()).toMatchObject({ type: 'error' });
    shell.send({ type: 'command', command: 'echo still here' });
    expect(await shell.next()).toMatchObject({ stdout: 'still here\n' });
    shell.close();
  });

  it('closes when its session ends', async () => {
    const other = await sandbox(admin);
    const shell = jsonSocket(await openSocket(other.api, `${other.at}/shell`));
    await typed(shell, 'echo up""\n', /up\r\n/);
    await other.remove();
    expect(await shell.closed).toBe(1000);
  });

  it('closes a socket whose message is beyond all bounds, and nothing else', async () => {
    const [shell, other] = [await open(), await open()];
    shell.send(`{"type":"input","data":"${'x'.repeat(40_000_000)}"}`);
    expect(await shell.closed).toBe(1009);
    other.send({ type: 'command', command: 'echo fine' });
    expect(await other.next()).toMatchObject({ stdout: 'fine\n' });
    other.close();
  });

  it('refuses an upgrade without a right, and any other request', async () => {
    const path = `${box.at}/shell`;
    const stranger = await person(admin);
    expect(await upgradeStatus(box.api, path, { key: null })).toBe(401);
    expect(await upgradeStatus(box.api, path, { key: 'omk_x_y' })).toBe(401);
    expect(await upgradeStatus(stranger.api, path)).toBe(404);
    expect(await upgradeStatus(box.api, '/v1/sessions/ses-none/shell')).toBe(404);
    expect(await upgradeStatus(box.api, '/v1/packages')).toBe(200);
    const reader = ok(await box.api.post<Key>('/v1/keys', { name: 'reader', scopes: ['sessions:read'] }));
    expect(await upgradeStatus(box.api, path, { key: reader.secret ?? '' })).toBe(403);
    expect((await box.api.get(path)).status).toBe(400);
  });
});

describe('attach', () => {
  const start = async (body: object) => ok(await box.api.post<Exec>(`${box.at}/execs`, body));
  const get = async (exec_id: string) => ok(await box.api.get<Exec>(`${box.at}/execs/${exec_id}`));
  const attach = async (exec_id: string, from = 0, credit?: number) => {
    const frames: Frame[] = [];
    const decode = decoder();
    const socket = await openSocket(box.api, `${box.at}/execs/${exec_id}/attach?from=${from}`, {
      onMessage: (data) => frames.push(...decode(data)),
    });
    socket.send(encode(FRAME.hello, { version: 1, ...(credit === undefined ? {} : { credit }) }));
    const seen = (type: number) => frames.filter((frame) => frame.type === type);
    const waitFor = (type: number, holds: (all: Frame[]) => boolean = (all) => all.length > 0) =>
      until(`frames of type ${type}`, async () => holds(seen(type)) && seen(type));
    const output = () => Buffer.concat(seen(FRAME.chunk).map(({ data }) => data));
    return { socket, frames, seen, waitFor, output, closed: closed(socket) };
  };
  const closed = async (socket: WebSocket): Promise<number> => Number((await once(socket, 'close'))[0]);

  it('greets, gives the output from an offset on and ends with the exec', async () => {
    const { exec_id } = await start({ command: 'printf 0123456789' });
    await until('it has printed', async () => (await get(exec_id)).next_offset === 10);
    const attached = await attach(exec_id, 4);
    const [exit] = await attached.waitFor(FRAME.exit);
    expect(attached.frames[0]).toMatchObject({ type: FRAME.hello, header: { version: 1 } });
    expect(attached.output().toString()).toBe('456789');
    expect(attached.seen(FRAME.chunk)[0]?.header).toMatchObject({ seq: 4, stream: 'stdout' });
    expect(JSON.stringify(exit?.header)).toContain('"exited"');
    expect(await attached.closed).toBe(1000);
  });

  it('carries stdin, its acceptance, signals and sizes', async () => {
    const command = 'stty -echo; echo ready; read a; stty size; echo "<$a>"; read b';
    const { exec_id } = await start({ command, tty: { cols: 80, rows: 24 }, stdin: true });
    const attached = await attach(exec_id);
    await until('it is ready', async () => attached.output().includes('ready'));
    attached.socket.send(encode(FRAME.resize, { cols: 99, rows: 44 }));
    const line = Buffer.from('typed\n');
    attached.socket.send(encode(FRAME.stdin, { offset: 0 }, line));
    attached.socket.send(encode(FRAME.stdin, { offset: 0 }, line));
    const accepted = await attached.waitFor(FRAME.accepted, (all) => all.length === 2);
    expect(accepted.map(({ header }) => header['offset'])).toEqual([6, 6]);
    await until('it answers', async () => attached.output().includes('<typed>'));
    expect(attached.output().toString()).toContain('44 99');
    attached.socket.send(encode(FRAME.signal, { signal: 'KILL' }));
    await attached.waitFor(FRAME.exit);
    expect(await attached.closed).toBe(1000);
    expect(await get(exec_id)).toMatchObject({
      status: 'killed',
      signal: 'KILL',
    });
  });

  it('sends no more than it was given credit for', async () => {
    const { exec_id } = await start({ command: 'head -c 3000000 /dev/zero' });
    await until('it has ended', async () => (await get(exec_id)).status !== 'running');
    const attached = await attach(exec_id, 0, 1000);
    await attached.waitFor(FRAME.chunk);
    const first = attached.output().length;
    expect(first).toBeLessThan(600_000);
    attached.socket.send(encode(FRAME.credit, { bytes: 10_000_000 }));
    await attached.waitFor(FRAME.exit);
    expect(attached.output().length).toBe(3_000_000);
    expect(await attached.closed).toBe(1000);
  });

  it('says a gap, and ignores frames that it does not know', async () => {
    const { exec_id } = await start({ command: 'head -c 4000000 /dev/zero', log_limit_mb: 1 });
    await until('it has ended', async () => (await get(exec_id)).status !== 'running');
    const attached = await attach(exec_id, 7);
    attached.socket.send(encode(77, { what: 'ever' }));
    const [gap] = await attached.waitFor(FRAME.gap);
    expect(gap?.header).toMatchObject({ from: 7 });
    await attached.waitFor(FRAME.exit);
    expect(Number(gap?.header['to']) + attached.output().length).toBe(4_000_000);
  });

  it('breaks off what does not speak the protocol, and hurts nobody else', async () => {
    const { exec_id } = await start({ command: 'sleep 100', stdin: true });
    const socket = await openSocket(box.api, `${box.at}/execs/${exec_id}/attach`);
    const over = closed(socket);
    socket.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    expect(await over).not.toBe(1000);
    const wrong = await openSocket(box.api, `${box.at}/execs/${exec_id}/attach`);
    const wrongOver = closed(wrong);
    wrong.send(encode(FRAME.hello, { version: 99 }));
    expect(await wrongOver).not.toBe(1000);
    expect((await get(exec_id)).status).toBe('running');
    ok(await box.api.del(`${box.at}/execs/${exec_id}`));
  });

  it('is refused where there is nothing to attach to', async () => {
    expect(await upgradeStatus(box.api, `${box.at}/execs/none/attach`)).toBe(404);
    const { exec_id } = await start({ command: 'true' });
    expect(await upgradeStatus(box.api, `${box.at}/execs/${exec_id}/attach?from=x`)).toBe(422);
    expect(await upgradeStatus(box.api, `${box.at}/execs/${exec_id}/attach`, { key: null })).toBe(401);
  });
});

describe('tickets', () => {
  const ticket = async (sandbox: Sandbox = box) =>
    ok(await sandbox.api.post<{ ticket: string; subprotocol: string; expires_at: string }>(`${sandbox.at}/ticket`));

  it('open one WebSocket of their session', async () => {
    const { ticket: value, subprotocol } = await ticket();
    expect(subprotocol).toBe(`onmemos.ticket.${value}`);
    const path = `${box.at}/shell`;
    const shell = jsonSocket(await openSocket(box.api, path, { key: null, protocols: ['onmemos.v1', subprotocol] }));
    expect(shell.socket.protocol).toBe('onmemos.v1');
    shell.send({ type: 'command', command: 'echo by ticket' });
    expect(await shell.next()).toMatchObject({ stdout: 'by ticket\n' });
    shell.close();
    expect(await upgradeStatus(box.api, path, { key: null, protocols: [subprotocol] })).toBe(401);
  });

  it('are used up by the first of many that try', async () => {
    const { subprotocol } = await ticket();
    const tries = Array.from({ length: 6 }, () =>
      upgradeStatus(box.api, `${box.at}/shell`, { key: null, protocols: [subprotocol] }),
    );
    const results = await Promise.all(tries);
    expect(results.filter((status) => status === null)).toHaveLength(1);
    expect(results.filter((status) => status === 401)).toHaveLength(5);
  });

  it('attach too, without the second subprotocol', async () => {
    const exec = ok(await box.api.post<Exec>(`${box.at}/execs`, { command: 'echo x' }));
    const { subprotocol } = await ticket();
    const path = `${box.at}/execs/${exec.exec_id}/attach`;
    expect(await upgradeStatus(box.api, path, { key: null, protocols: [subprotocol] })).toBeNull();
  });

  it('are for no other session and no other route', async () => {
    const other = await sandbox(admin);
    const { subprotocol, ticket: value } = await ticket();
    expect(await upgradeStatus(box.api, `${other.at}/shell`, { key: null, protocols: [subprotocol] })).toBe(401);
    const bare = box.api.as(null);
    expect((await bare.get(box.at, { 'Sec-WebSocket-Protocol': (await ticket()).subprotocol })).status).toBe(401);
    expect((await box.api.as(value).get(box.at)).status).toBe(401);
    await other.remove();
  });

  it('hold no longer than the key that made them', async () => {
    const key = ok(await box.api.post<Key>('/v1/keys', { name: 'short' }));
    const made = ok(await box.api.as(key.secret ?? '').post(`${box.at}/ticket`));
    ok(await box.api.del(`/v1/keys/${key.key_id}`));
    const protocols = [String(made['subprotocol'])];
    expect(await upgradeStatus(box.api, `${box.at}/shell`, { key: null, protocols })).toBe(401);
  });
});
