import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { cutPlan, type Fault, FAULT_KINDS, NO_FAULTS, type Plan, randomPlan } from './faults/plan.ts';
import { type FaultProxy, startFaultProxy } from './faults/proxy.ts';

const BODY = 'a body that is known by its length';

/** A server that says what it was asked, streams, and echoes over WebSockets. */
let server: Server;
let sockets: WebSocketServer;
let asked: string[];
let target: string;
let proxy: FaultProxy;

const through = async (plan: Plan): Promise<string> => {
  proxy = await startFaultProxy(target, plan);
  return proxy.url;
};

/** The same fault for the first request, none for those behind it. */
const first = (fault: Fault): Plan => {
  const faults = [fault];
  return { next: () => faults.shift() ?? { kind: 'none' } };
};

beforeEach(async () => {
  asked = [];
  server = createServer((incoming, answer) => {
    const hash = createHash('sha256');
    incoming.on('data', (piece: Buffer) => hash.update(piece));
    incoming.on('end', () => {
      asked.push(`${incoming.method} ${incoming.url}`);
      if (incoming.url === '/hash') answer.end(hash.digest('hex'));
      else if (incoming.url === '/stream') {
        for (let i = 0; i < 100; i++) answer.write(`data: ${i}\n\n`);
        answer.end();
      } else answer.writeHead(200, { 'Content-Length': BODY.length }).end(BODY);
    });
  });
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await proxy.stop();
  sockets.close();
  server.closeAllConnections();
  server.close();
});

/** Every byte that comes over a bare connection until it ends, and whether it was reset. */
const bare = async (url: string, path: string): Promise<{ text: string; reset: boolean }> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  let reset = false;
  socket.setEncoding('latin1').on('data', (piece) => {
    text += piece;
  });
  socket.on('error', () => {
    reset = true;
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await new Promise((resolve) => socket.once('close', resolve));
  return { text, reset };
};

describe('without a fault', () => {
  it('passes bodies on unchanged, of known length and in chunks, over a connection that is kept', async () => {
    const url = await through(NO_FAULTS);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const size of [0, 1, 70_000, 3_000_000]) {
      for (const chunked of [false, true]) {
        const body = randomBytes(size);
        const outgoing = request(`${url}/hash`, {
          method: 'POST',
          agent,
          headers: chunked ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': size },
        });
        for (let at = 0; at < size; at += 50_001) outgoing.write(body.subarray(at, at + 50_001));
        outgoing.end();
        const [answer] = await once(outgoing, 'response');
        let text = '';
        for await (const piece of answer) text += piece;
        expect(text).toBe(createHash('sha256').update(body).digest('hex'));
      }
    }
    agent.destroy();
    expect(proxy.tally.connections).toBe(1);
    expect(proxy.tally.requests).toBe(8);
    expect(proxy.tally.faults).toEqual({ all: 0, kinds: {} });
  });

  it('passes a stream and its end on', async () => {
    const url = await through(NO_FAULTS);
    const answer = await fetch(`${url}/stream`);
    expect(await answer.text()).toBe(Array.from({ length: 100 }, (_, i) => `data: ${i}\n\n`).join(''));
  });

  it('passes WebSockets on, both ways', async () => {
    const socket = new WebSocket((await through(NO_FAULTS)).replace('http', 'ws'));
    await once(socket, 'open');
    for (const size of [1, 70_000, 2_000_000]) {
      const body = randomBytes(size);
      socket.send(body);
      const [echoed] = await once(socket, 'message');
      expect(body.equals(echoed as Buffer)).toBe(true);
    }
    socket.close(1000);
    const [code] = await once(socket, 'close');
    expect(code).toBe(1000);
  });

  it('lets the server see a client that has gone', async () => {
    const url = await through(NO_FAULTS);
    server.removeAllListeners('request');
    const [gone, started] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    server.on('request', (_incoming, answer) => {
      answer.write('a beginning');
      answer.once('close', () => gone.resolve());
      started.resolve();
    });
    const stop = new AbortController();
    const answer = await fetch(url, { signal: stop.signal });
    await started.promise;
    stop.abort();
    await expect(answer.text()).rejects.toThrow();
    await gone.promise;
  });
});

describe('each fault', () => {
  it.each([true, false])('drops before the request is passed on (reset: %s)', async (reset) => {
    const url = await through(first({ kind: 'drop-before', reset }));
    expect(await bare(url, '/')).toEqual({ text: '', reset });
    expect(asked).toEqual([]);
    expect(proxy.tally.faults.kinds).toEqual({ 'drop-before': 1 });
  });

  it('drops within the request', async () => {
    const url = await through(first({ kind: 'cut-request', share: 0.9, reset: false }));
    await expect(fetch(`${url}/hash`, { method: 'POST', body: randomBytes(50_000) })).rejects.toThrow();
    expect(asked).toEqual([]);
    expect(proxy.tally.of('cut-request')).toBe(1);
  });

  it.each([true, false])('loses the answer to what was done (reset: %s)', async (reset) => {
    const url = await through(first({ kind: 'lose-answer', reset }));
    expect(await bare(url, '/done')).toEqual({ text: '', reset });
    expect(asked).toEqual(['GET /done']);
  });

  it('drops while the server works', async () => {
    const url = await through(first({ kind: 'drop-waiting', afterMs: 20, reset: false }));
    expect((await bare(url, '/')).text).toBe('');
    expect(asked).toEqual(['GET /']);
  });

  it('cuts an answer at any byte, the first and the last but one among them', async () => {
    const url = await through(NO_FAULTS);
    const answer = await fetch(url);
    await answer.text();
    await proxy.stop();
    const shares = [0, 0.25, 0.5, 0.75, 0.999999];
    const lengths: number[] = [];
    for (const share of shares) {
      const cut = await through(first({ kind: 'cut-answer', share, bytes: 0, reset: false }));
      const { text } = await bare(cut, '/');
      lengths.push(text.length);
      expect(proxy.tally.faults.kinds).toEqual({ 'cut-answer': 1 });
      if (share > 0.9) expect(`${text}h`.endsWith(`\r\n\r\n${BODY}`)).toBe(true);
      if (share < 0.9) await proxy.stop();
    }
    expect(lengths[0]).toBe(1);
    expect([...lengths].sort((a, b) => a - b)).toEqual(lengths);
  });

  it('cuts a stream after so many bytes, and counts no cut behind its end', async () => {
    const cut = await through(first({ kind: 'cut-answer', share: 0, bytes: 300, reset: false }));
    expect((await bare(cut, '/stream')).text).toHaveLength(300);
    expect(proxy.tally.faults.kinds).toEqual({ 'cut-stream': 1 });
    await proxy.stop();
    const whole = await through(first({ kind: 'cut-answer', share: 0, bytes: 1_000_000, reset: false }));
    const answer = await fetch(`${whole}/stream`);
    expect((await answer.text()).split('\n\n')).toHaveLength(101);
    expect(proxy.tally.faults.all).toBe(0);
  });

  it('cuts a WebSocket after so many bytes both ways', async () => {
    const url = await through(first({ kind: 'cut-answer', share: 0, bytes: 50_000, reset: false }));
    const socket = new WebSocket(url.replace('http', 'ws'));
    socket.on('error', () => {});
    let echoed = 0;
    socket.on('message', (data: Buffer) => {
      echoed += data.byteLength;
      socket.send(randomBytes(1000));
    });
    socket.once('open', () => socket.send(randomBytes(1000)));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1006);
    expect(echoed).toBeGreaterThan(20_000);
    expect(echoed).toBeLessThan(26_000);
    expect(proxy.tally.faults.kinds).toEqual({ 'cut-socket': 1 });
  });

  it('drops after the answer', async () => {
    const url = await through(first({ kind: 'drop-after', afterMs: 0, reset: false }));
    expect((await bare(url, '/')).text.endsWith(BODY)).toBe(true);
    expect(asked).toEqual(['GET /']);
  });

  it('answers itself, before the server or over it', async () => {
    const answer = { status: 429, retryAfter: 1 } as const;
    const before = await fetch(await through(first({ kind: 'answer-instead', answer })));
    expect([before.status, before.headers.get('retry-after'), asked.length]).toEqual([429, '1', 0]);
    expect(before.headers.get('content-type')).toBe('text/html');
    await before.text();
    await proxy.stop();
    const over = await fetch(await through(first({ kind: 'answer-over', answer: { status: 500, retryAfter: null } })));
    expect([over.status, over.headers.get('retry-after'), asked.length]).toEqual([500, null, 1]);
    await over.text();
  });
});

describe('plans', () => {
  const decisions = (seed: number, others: number): string => {
    const plan = randomPlan({ seed, rate: 0.5 });
    const list: Fault[] = [];
    for (let i = 0; i < 200; i++) {
      for (let other = 0; other < others; other++) plan.next({ method: 'GET', path: '/v1/packages' });
      list.push(plan.next({ method: 'POST', path: `/v1/sessions/sess-${i}/execute` }));
    }
    return JSON.stringify(list);
  };

  it('make a route the same faults again from the same seed, whatever other routes do', async () => {
    await through(NO_FAULTS);
    expect(decisions(7, 3)).toBe(decisions(7, 0));
    expect(decisions(8, 0)).not.toBe(decisions(7, 0));
    for (const kind of FAULT_KINDS) expect(decisions(7, 0)).toContain(`"${kind}"`);
  });

  it('cut so often as they say, within what they say', async () => {
    await through(NO_FAULTS);
    const plan = cutPlan({ seed: 1, route: /output/, cuts: 20, within: 1000 });
    const cuts = Array.from({ length: 30 }, () => plan.next({ method: 'GET', path: '/output' }));
    const bytes = cuts.flatMap((fault) => (fault.kind === 'cut-answer' ? [fault.bytes] : []));
    expect(bytes).toHaveLength(20);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(1020);
    expect(plan.next({ method: 'GET', path: '/other' })).toEqual({ kind: 'none' });
  });
});
