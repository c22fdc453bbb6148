import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Asked } from './asked.ts';
import { BucketSettings } from './settings.ts';

/** What Cloud Storage answers in place of the truth, or does with the answer. */
type Fault =
  /** An error of Google; nothing is done. */
  | { readonly kind: 'refuse'; readonly status: number; readonly reason?: string; readonly message?: string }
  /** An answer that says so; nothing is done. */
  | { readonly kind: 'say'; readonly body: (asked: Asked) => object }
  /** The connection breaks before anything is done. */
  | { readonly kind: 'cut' }
  /** Nothing is done and nothing is answered. */
  | { readonly kind: 'stall' }
  /** It is done, and the connection breaks before the answer. */
  | { readonly kind: 'lose' };

export interface GcsRelay {
  /** For `apiEndpoint` of the client. */
  readonly url: string;
  /** Every request since the start, in order. */
  readonly asked: readonly Asked[];
  /** Answers the requests that `when` picks with a fault. @returns the way to end that */
  fault(when: (asked: Asked) => boolean, fault: Fault, times?: number): () => void;
  stop(): Promise<void>;
}

interface Rule {
  readonly when: (asked: Asked) => boolean;
  readonly fault: Fault;
  left: number;
}

const PREFIX = '/storage/v1';

const askedOf = (incoming: IncomingMessage, bytes: Buffer): Asked => {
  const url = new URL(incoming.url ?? '/', 'http://relay');
  const isJson = incoming.headers['content-type']?.startsWith('application/json') ?? false;
  return {
    method: incoming.method ?? '',
    path: decodeURIComponent(url.pathname.startsWith(PREFIX) ? url.pathname.slice(PREFIX.length) : url.pathname),
    query: url.searchParams,
    body: isJson && bytes.length > 0 ? JSON.parse(bytes.toString()) : null,
    authorization: incoming.headers.authorization ?? null,
  };
};

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

const forward = async (upstream: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> => {
  const headers = { ...incoming.headers, host: new URL(upstream).host, 'accept-encoding': 'identity' };
  const out = send(`${upstream}${incoming.url}`, { method: incoming.method, headers });
  out.end(body);
  const [answer] = (await once(out, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 500, headers: answer.headers, body: await buffer(answer) };
};

const refusal = ({ status, reason = 'backendError', message = 'refused' }: Fault & { kind: 'refuse' }): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=UTF-8' },
  body: Buffer.from(
    JSON.stringify({ error: { code: status, message, errors: [{ domain: 'global', reason, message }] } }),
  ),
});

const said = (body: object): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=UTF-8' },
  body: Buffer.from(JSON.stringify(body)),
});

const write = (out: ServerResponse, { status, headers, body }: Answer): void => {
  const { 'content-length': _, 'transfer-encoding': __, 'content-encoding': ___, connection: ____, ...kept } = headers;
  out.writeHead(status, { ...kept, 'content-length': body.length });
  out.end(body);
};

/** Where a relay listens: any free port unless one is given. */
export interface RelayPlace {
  readonly host?: string;
  readonly port?: number;
}

/**
 * A relay before fake-gcs-server. It notes each request, answers with faults, and adds to buckets what they were made
 * with and fake-gcs-server forgets: labels, access, soft delete, location and the rest.
 */
export const gcsRelay = async (
  upstream: string,
  { host = '127.0.0.1', port = 0 }: RelayPlace = {},
): Promise<GcsRelay> => {
  const asked: Asked[] = [];
  const rules: Rule[] = [];
  const settings = new BucketSettings();

  const faultFor = (one: Asked): Fault | null => {
    const rule = rules.find(({ left, when }) => left > 0 && when(one));
    if (rule === undefined) return null;
    rule.left -= 1;
    return rule.fault;
  };

  const handle = async (incoming: IncomingMessage, out: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    const one = askedOf(incoming, body);
    asked.push(one);
    const fault = faultFor(one);
    if (fault?.kind === 'stall') return;
    if (fault?.kind === 'cut') return void incoming.socket.destroy();
    if (fault?.kind === 'refuse') return write(out, refusal(fault));
    if (fault?.kind === 'say') return write(out, said(fault.body(one)));
    const answer = await forward(upstream, incoming, body);
    const whole = { ...answer, body: settings.follow(one, answer) };
    if (fault?.kind === 'lose') return void incoming.socket.destroy();
    write(out, whole);
  };

  const server: Server = createServer((incoming, out) => {
    handle(incoming, out).catch(() => out.destroy());
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as { port: number };
  return {
    url: `http://${host}:${address.port}`,
    asked,
    fault: (when, fault, times = Number.POSITIVE_INFINITY) => {
      const rule: Rule = { when, fault, left: times };
      rules.push(rule);
      return () => {
        rule.left = 0;
      };
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
