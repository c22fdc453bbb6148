import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What happens to one request on its way.
 *
 * - `cut`: the server never hears of it, and the connection of the caller breaks.
 * - `lost`: the server answers it, and the connection of the caller breaks.
 * - `silent`: the server answers it, and the caller hears nothing.
 * - `late`: the caller hears nothing, and the server hears of it when the caller has given up.
 * - `twice`: the server has it twice at the same time.
 */
type Fault = 'cut' | 'lost' | 'silent' | 'late' | 'twice';

export interface HttpRelay {
  readonly url: string;
  /** Decides about a request by its path; null lets it pass. From now on; null for none. */
  trouble(next: ((path: string) => Fault | null) | null): void;
  /** Where requests go. Before the first call they are refused with 503. */
  to(url: string): void;
  /** Requests that are on their way to the server and back. */
  underway(): number;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

/** Passes whole requests on to a server, with faults on their way. */
export const startHttpRelay = async (): Promise<HttpRelay> => {
  const agent = new Agent({ keepAlive: true });
  let target: string | null = null;
  let trouble: ((path: string) => Fault | null) | null = null;
  let underway = 0;

  const send = async ({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> => {
    if (target === null) return { status: 503, headers: {}, body: Buffer.alloc(0) };
    underway += 1;
    try {
      const { host: _, connection: __, ...others } = headers;
      const sent = httpRequest(`${target}${url}`, { method, headers: others, agent });
      sent.end(body);
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) };
    } finally {
      underway -= 1;
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const left = once(response, 'close');
    const body = await bodyOf(request);
    const fault = trouble?.(request.url ?? '') ?? null;
    if (fault === 'cut') return void request.socket.destroy();
    if (fault === 'late') {
      await left;
      await send(request, body);
      return;
    }
    const [answer] = await Promise.all([send(request, body), ...(fault === 'twice' ? [send(request, body)] : [])]);
    if (fault === 'silent') return;
    if (fault === 'lost') return void request.socket.destroy();
    const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...headers } = answer.headers;
    response.writeHead(answer.status, headers).end(answer.body);
  };

  const server = createServer((request, response) => {
    // A server that does not answer is a connection that breaks.
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trouble: (next) => {
      trouble = next;
    },
    to: (url) => {
      target = url;
    },
    underway: () => underway,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
};
