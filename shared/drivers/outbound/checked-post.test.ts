import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { selfSigned } from '../../../test/support/certificate.ts';
import { type CheckedPostOptions, checkedPost } from './checked-post.ts';

interface Received {
  readonly host: string | undefined;
  readonly path: string | undefined;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  readonly servername: string | null;
}

const NAME = 'hooks.test';
const certificate = selfSigned(NAME);
const received: Received[] = [];
let connections = 0;
let plain: Server;
let secure: Server;
let silent: TcpServer;

const answer: RequestListener = (request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const { servername } = request.socket as TLSSocket;
    received.push({
      ...{ host: request.headers.host, path: request.url, headers: request.headers },
      ...{ body: Buffer.concat(parts).toString(), servername: typeof servername === 'string' ? servername : null },
    });
    const status = Number(/^\/(\d{3})/.exec(request.url ?? '')?.[1] ?? 200);
    if (request.url === '/never') return;
    response.writeHead(status, status >= 300 && status < 400 ? { location: '/200' } : {});
    if (request.url !== '/endless') response.end('{}');
    // A body without an end.
    else response.write('x'.repeat(1000));
  });
};

const portOf = (server: TcpServer): number => (server.address() as AddressInfo).port;
const listening = <S extends TcpServer>(server: S): Promise<S> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));

beforeAll(async () => {
  plain = await listening(createServer(answer));
  secure = await listening(createSecureServer(certificate, answer) as unknown as Server);
  silent = await listening(createTcpServer(() => undefined));
  const count = (): void => {
    connections += 1;
  };
  for (const server of [plain, secure, silent]) server.on('connection', count);
});
afterAll(() => {
  for (const server of [plain, secure]) {
    server.closeAllConnections();
    server.close();
  }
  silent.close();
});

const asked: string[] = [];
const post = (url: string, options: Partial<CheckedPostOptions> = {}, timeout_ms = 5_000) => {
  const resolve = async (name: string) => {
    asked.push(name);
    return ['127.0.0.1'];
  };
  const outbound = checkedPost({
    clock: systemClock,
    allowed: ['127.0.0.0/8'],
    resolve,
    ca: certificate.cert,
    ...options,
  });
  return outbound.post({ url, headers: { 'webhook-id': 'evt-1' }, body: '{"é":1}', timeout_ms });
};
const at = (server: TcpServer, path = '/', name = NAME): string =>
  `${server === secure ? 'https' : 'http'}://${name}:${portOf(server)}${path}`;
const tries = async (run: () => Promise<unknown>) => {
  connections = 0;
  const result = await run();
  return { result, connections };
};

describe('a message', () => {
  it('arrives over https under the name of its address, which is asked for once', async () => {
    asked.length = 0;
    received.length = 0;
    expect(await post(at(secure, '/hook?a=b'))).toEqual({ status: 200, error: null });
    expect(asked).toEqual([NAME]);
    expect(received).toMatchObject([
      { host: `${NAME}:${portOf(secure)}`, path: '/hook?a=b', body: '{"é":1}', servername: NAME },
    ]);
    expect(received[0]?.headers['webhook-id']).toBe('evt-1');
  });

  it('goes over http only to what the operator allows', async () => {
    expect(await post(at(plain))).toEqual({ status: 200, error: null });
    const elsewhere = async () => ['8.8.8.8'];
    expect(await post(at(plain), { resolve: elsewhere })).toEqual({ status: null, error: 'address_refused' });
  });

  it('is not encrypted for another name, nor under an unknown authority', async () => {
    expect(await post(at(secure, '/', 'other.test'))).toEqual({ status: null, error: 'tls' });
    const { ca: _, ...strict } = { ca: certificate.cert, resolve: async () => ['127.0.0.1'] };
    const outbound = checkedPost({ clock: systemClock, allowed: ['127.0.0.1'], ...strict });
    const message = { url: at(secure), headers: {}, body: '', timeout_ms: 5_000 };
    expect(await outbound.post(message)).toEqual({ status: null, error: 'tls' });
  });

  it('follows no redirect, and counts only 200 to 299 as taken', async () => {
    received.length = 0;
    expect(await post(at(plain, '/302'))).toEqual({ status: 302, error: 'redirect' });
    expect(await post(at(plain, '/308'))).toEqual({ status: 308, error: 'redirect' });
    expect(await post(at(plain, '/404'))).toEqual({ status: 404, error: 'status' });
    expect(await post(at(plain, '/204'))).toEqual({ status: 204, error: null });
    expect(received.map(({ path }) => path)).toEqual(['/302', '/308', '/404', '/204']);
  });

  it('does not wait for the body of an answer', async () => {
    expect(await post(at(plain, '/endless'))).toEqual({ status: 200, error: null });
  });

  it('has its time, from the question for the name on', async () => {
    expect(await post(at(plain, '/never'), {}, 100)).toEqual({ status: null, error: 'timeout' });
    expect(await post(at(silent), {}, 100)).toEqual({ status: null, error: 'timeout' });
    const resolve = () => new Promise<never>(() => undefined);
    expect(await post(at(plain), { resolve }, 100)).toEqual({ status: null, error: 'timeout' });
  });

  it('says that nothing answers, and that a name leads nowhere', async () => {
    const closed = await listening(createTcpServer());
    const url = at(closed);
    await new Promise((resolve) => closed.close(resolve));
    expect(await post(url)).toEqual({ status: null, error: 'no_connection' });
    const none = async (): Promise<never> => {
      throw new Error('ENOTFOUND');
    };
    expect(await post(at(plain), { resolve: none })).toEqual({ status: null, error: 'name_not_found' });
    expect(await post(at(plain), { resolve: async () => [] })).toEqual({ status: null, error: 'name_not_found' });
  });

  it('goes to the next address of a name where one does not answer', async () => {
    const resolve = async () => ['127.0.0.2', '127.0.0.1'];
    expect(await post(at(plain), { resolve })).toEqual({ status: 200, error: null });
  });

  it('waits in no queue: more than 16 at once are sent later', async () => {
    const resolve = () => new Promise<never>(() => undefined);
    const outbound = checkedPost({ clock: systemClock, allowed: ['127.0.0.1'], resolve });
    const message = { url: at(plain), headers: {}, body: '', timeout_ms: 200 };
    const results = await Promise.all(Array.from({ length: 18 }, () => outbound.post(message)));
    expect(results.filter((result) => result === null).length).toBe(2);
  });
});

/** Names that lead to other addresses than they should, and addresses in other clothes. */
const LEADS_TO = [
  ...['127.0.0.1', '10.0.0.1', '169.254.169.254', '0.0.0.0', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'],
  ...['2002:7f00:1::', 'fe80::1', 'fd00:ec2::254'],
];

describe('an address that is not on the internet', () => {
  it.each(LEADS_TO)('is not dialled where a name leads to %s', async (address) => {
    const url = `https://${NAME}:${portOf(plain)}/`;
    const only = await tries(() => post(url, { allowed: [], resolve: async () => [address] }));
    expect(only).toEqual({ result: { status: null, error: 'address_refused' }, connections: 0 });
    const mixed = await tries(() => post(url, { allowed: [], resolve: async () => ['8.8.8.8', address] }));
    expect(mixed).toEqual({ result: { status: null, error: 'address_refused' }, connections: 0 });
  });

  it('is not dialled where the name leads elsewhere at the second question', async () => {
    let questions = 0;
    const resolve = async () => {
      questions += 1;
      return questions === 1 ? ['127.0.0.1'] : ['10.0.0.1'];
    };
    // What was checked is dialled: the second answer is never asked for.
    expect(await post(at(plain), { resolve })).toEqual({ status: 200, error: null });
    expect(questions).toBe(1);
  });

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1:8443/',
  ])('is refused at once as %s', async (url) => {
    const outbound = checkedPost({ clock: systemClock, allowed: [] });
    expect(outbound.refusal(url)).toMatch(/ONMEMOS_WEBHOOK_ALLOW/);
    const tried = await tries(() => outbound.post({ url, headers: {}, body: '', timeout_ms: 1_000 }));
    expect(tried).toEqual({ result: { status: null, error: 'address_refused' }, connections: 0 });
  });

  it('is refused under `localhost`, which leads to it', async () => {
    const outbound = checkedPost({ clock: systemClock, allowed: [] });
    const url = `https://localhost:${portOf(secure)}/`;
    const tried = await tries(() => outbound.post({ url, headers: {}, body: '', timeout_ms: 5_000 }));
    expect(tried).toEqual({ result: { status: null, error: 'address_refused' }, connections: 0 });
  });
});

it.each([
  ['ftp://example.com/', 'begins with https://'],
  ['file:///etc/passwd', 'begins with https://'],
  ['example.com', 'is not an address such as https://example.com/hook'],
  ['https://ann:secret@example.com/', 'must not contain a user or password'],
  ['http://8.8.8.8/', 'begins with https://'],
])('refuses %s', (url, why) => {
  expect(checkedPost({ clock: systemClock, allowed: [] }).refusal(url)).toBe(why);
});

it.each(['https://example.com/a?b=c', 'https://8.8.8.8/'])('may send to %s', (url) => {
  expect(checkedPost({ clock: systemClock, allowed: [] }).refusal(url)).toBeNull();
});

it('may send by http to a name only where the operator allows some address', () => {
  const url = 'http://hooks.internal/';
  expect(checkedPost({ clock: systemClock, allowed: [] }).refusal(url)).toBe('begins with https://');
  expect(checkedPost({ clock: systemClock, allowed: ['10.0.0.0/8'] }).refusal(url)).toBeNull();
});
