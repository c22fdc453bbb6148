import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { LogFields, Logger } from '#ports/logger.ts';
import type { Deps } from '#services/kernel/deps.ts';

export interface FunctionServer {
  readonly url: string;
  post(path: string, send?: Post): Promise<{ readonly status: number; readonly text: string }>;
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  close(): Promise<void>;
}

interface Post {
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An app of a function behind a real server on a free port of this machine. */
export const serveFunction = async (app: Hono): Promise<FunctionServer> => {
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const call = async (path: string, init: RequestInit) => {
    const answer = await fetch(`${url}${path}`, init);
    return { status: answer.status, text: await answer.text() };
  };
  return {
    url,
    post: (path, { authorization, headers = {}, body } = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}), ...headers },
        ...(body === undefined ? {} : { body }),
      }),
    get: (path) => call(path, {}),
    close: () => new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
};

export interface Line extends LogFields {
  readonly level: string;
  readonly message: string;
}

/** A logger that keeps its lines. */
export const keptLog = (): { readonly log: Logger; readonly lines: Line[] } => {
  const lines: Line[] = [];
  const at = (level: string) => (fields: LogFields, message: string) => void lines.push({ ...fields, level, message });
  const log: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => log };
  return { log, lines };
};

/** The same, with a store whose calls of this kind fail with what `error` gives, as long as it gives something. */
export const withFailing = (deps: Deps, kind: 'transaction' | 'query', error: () => Error | null): Deps => ({
  ...deps,
  store: new Proxy(deps.store, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function') return found;
      const call = found.bind(target) as (...args: unknown[]) => unknown;
      if (name !== kind) return call;
      return async (...args: unknown[]) => {
        const failure = error();
        if (failure) throw failure;
        return call(...args);
      };
    },
  }),
});

/** Work in the background that lasts until `end`, and whether an answer came before. */
export const heldWork = ({ background }: Pick<Deps, 'background'>) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let answered = false;
  background.run('work that is held', () => promise);
  return {
    watch: async <R>(answer: Promise<R>): Promise<R> => {
      try {
        return await answer;
      } finally {
        answered = true;
      }
    },
    answered: () => answered,
    end: resolve,
  };
};
