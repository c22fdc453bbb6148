import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';
import type { Api, Json } from './api.ts';
import { HANGS_SECONDS } from './until.ts';

const LIMIT_MS = HANGS_SECONDS * 1000;

export interface JsonSocket {
  readonly socket: WebSocket;
  send(message: unknown): void;
  /** The next message that the test has not read yet. */
  next(): Promise<Json>;
  /** Reads messages until one matches. @returns all messages that were read */
  take(holds: (message: Json) => boolean): Promise<Json[]>;
  /** The code with which the socket was closed. */
  readonly closed: Promise<number>;
  close(): void;
}

const within = async <T>(what: string, promise: Promise<T>): Promise<T> => {
  const stop = new AbortController();
  const late = pause(LIMIT_MS, null, { signal: stop.signal }).then(
    () => Promise.reject(new Error(`${what}: not within ${LIMIT_MS / 1000} s`)),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
};

const wsUrl = (api: Api, path: string): string => `${api.url.replace(/^http/, 'ws')}${path}`;

export interface SocketOptions {
  readonly protocols?: string[];
  readonly key?: string | null;
  /** Is called with every message, also with those that arrive together with the upgrade. */
  readonly onMessage?: (data: Buffer) => void;
}

/** Opens a WebSocket. @throws Error `<status>` if the server refuses the upgrade */
export const openSocket = async (
  api: Api,
  path: string,
  { protocols = [], key = api.key, onMessage }: SocketOptions = {},
): Promise<WebSocket> => {
  const socket = new WebSocket(wsUrl(api, path), protocols, { headers: key === null ? {} : { 'X-API-Key': key } });
  if (onMessage) socket.on('message', (data) => onMessage(data as Buffer));
  const opened = Promise.withResolvers<WebSocket>();
  socket.once('open', () => opened.resolve(socket));
  socket.once('unexpected-response', (_request, response) => {
    response.resume();
    opened.reject(new Error(String(response.statusCode)));
    socket.terminate();
  });
  socket.on('error', (error) => opened.reject(error));
  return within(`the WebSocket ${path}`, opened.promise);
};

/** The status with which an upgrade is refused; null if it is accepted. */
export const upgradeStatus = async (...given: Parameters<typeof openSocket>): Promise<number | null> => {
  try {
    (await openSocket(...given)).close();
    return null;
  } catch (error) {
    return Number((error as Error).message);
  }
};

export const jsonSocket = (socket: WebSocket): JsonSocket => {
  const waiting: Json[] = [];
  let wake = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    waiting.push(JSON.parse(data.toString()) as Json);
    wake.resolve();
  });
  const next = async (): Promise<Json> => {
    for (;;) {
      const message = waiting.shift();
      if (message) return message;
      wake = Promise.withResolvers<void>();
      if (waiting.length === 0) await wake.promise;
    }
  };
  return {
    socket,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: () => within('a message', next()),
    take: async (holds) => {
      const taken: Json[] = [];
      for (;;) {
        const message = await within(`a message after ${JSON.stringify(taken).slice(-500)}`, next());
        taken.push(message);
        if (holds(message)) return taken;
      }
    },
    closed: once(socket, 'close').then(([code]) => Number(code)),
    close: () => socket.close(1000),
  };
};
