import { OPERATION_NAMES, OPERATIONS, type OperationName } from '#contract/operations.ts';
import type { Api } from '../../../functions/api/app.ts';
import { errorCodesOf } from '../../../functions/api/route.ts';
import { allRoutes } from '../../../functions/api/routes/all.ts';

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
    refuseUnlisted(send.method ?? (body === undefined ? 'GET' : 'POST'), path, parse(text));
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  };

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const CODES: ReadonlyMap<OperationName, readonly string[]> = new Map(
  allRoutes().map((route) => [route.operation, errorCodesOf(route)]),
);

const operationAt = (method: string, path: string): OperationName | undefined => {
  const asked = path.replace(/[?#].*$/, '').split('/');
  return OPERATION_NAMES.find((name) => {
    const parts = OPERATIONS[name].path.split('/');
    return (
      OPERATIONS[name].method === method.toLowerCase() &&
      parts.length === asked.length &&
      parts.every((part, i) => part.startsWith('{') || part === asked[i])
    );
  });
};

/** Every test of the API also tests that the description of a call lists the error that it answered. */
const refuseUnlisted = (method: string, path: string, json: unknown): void => {
  const code = typeof json === 'object' && json !== null && 'code' in json ? json.code : undefined;
  const operation = operationAt(method, path);
  if (typeof code !== 'string' || operation === undefined) return;
  if (!CODES.get(operation)?.includes(code))
    throw new Error(`${operation} answered ${code}, which shared/contract/operation-errors.ts does not list for it.`);
};
