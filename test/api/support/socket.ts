import { WebSocket } from 'ws';

export interface Socket {
  readonly ws: WebSocket;
  send(message: unknown): void;
  /** The next message, parsed. Rejects when the socket closes first. */
  next(): Promise<Record<string, unknown>>;
  readonly closed: Promise<number>;
}

export interface Refused {
  readonly status: number;
}

export interface SocketOptions {
  readonly key?: string;
  readonly protocols?: readonly string[];
  /** Takes every message as it is, from the first one on; `next` then has none. */
  readonly message?: (data: Buffer) => void;
}

/** Opens a WebSocket, or says with which status it was refused. */
export const openSocket = (
  url: string,
  { key, protocols = [], message }: SocketOptions = {},
): Promise<Socket | Refused> =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(url.replace(/^http/, 'ws'), [...protocols], {
      headers: key === undefined ? {} : { 'X-API-Key': key },
    });
    const kept: string[] = [];
    const waiting: PromiseWithResolvers<Record<string, unknown>>[] = [];
    const closed = Promise.withResolvers<number>();
    ws.on('message', (data: Buffer) => {
      if (message) return message(data);
      const first = waiting.shift();
      if (first) first.resolve(JSON.parse(data.toString()) as Record<string, unknown>);
      else kept.push(data.toString());
    });
    ws.on('close', (code) => {
      closed.resolve(code);
      for (const each of waiting) each.reject(new Error(`closed with ${code}`));
    });
    ws.on('unexpected-response', (_request, response) => {
      resolve({ status: response.statusCode ?? 0 });
      response.resume();
    });
    ws.on('error', reject);
    ws.on('open', () =>
      resolve({
        ws,
        closed: closed.promise,
        send: (message) => ws.send(typeof message === 'string' ? message : JSON.stringify(message)),
        next: () => {
          const text = kept.shift();
          if (text !== undefined) return Promise.resolve(JSON.parse(text) as Record<string, unknown>);
          const next = Promise.withResolvers<Record<string, unknown>>();
          waiting.push(next);
          return next.promise;
        },
      }),
    );
  });

/** @throws Error where the socket was refused */
export const mustOpen = async (url: string, options?: SocketOptions): Promise<Socket> => {
  const socket = await openSocket(url, options);
  if ('status' in socket) throw new Error(`refused with ${socket.status}`);
  return socket;
};
