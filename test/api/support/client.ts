import type { Api } from '../../../functions/api/app.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Null where the answer is no JSON. */
  readonly json: unknown;
}

export interface Send {
  readonly method?: string;
  readonly key?: string | null;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Client = (path: string, send?: Send) => Promise<Answer>;

/** Calls the app without a server between. */
export const clientOf =
  ({ app }: Api, defaultKey: string | null = null): Client =>
  async (path, send = {}) => {
    const key = send.key === undefined ? defaultKey : send.key;
    const body = send.raw ?? (send.body === undefined ? undefined : JSON.stringify(send.body));
    const response = await app.request(path, {
      method: send.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(key === null ? {} : { 'X-API-Key': key }), ...send.headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  };

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
