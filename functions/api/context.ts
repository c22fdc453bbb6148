import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ErrorCode } from '#contract/errors.ts';
import type { OperationName } from '#contract/operations.ts';
import type { KeyActor } from '#services/kernel/call.ts';

/** What the middleware knows about a request. */
interface Variables {
  request_id: string;
  trace_id: string;
  /** Null until a route has matched. */
  operation: OperationName | null;
  actor: KeyActor | null;
  /** The code of the error that was answered. */
  code: ErrorCode | null;
  /** How a streamed answer ended. */
  ending: Promise<string> | null;
}

export interface ApiEnv {
  /** Node's own request and response; absent where a test calls the app without a server. */
  Bindings: Partial<HttpBindings>;
  Variables: Variables;
}

export type ApiContext = Context<ApiEnv>;

/** Node's response behind an answer, where there is a server. */
export const nodeResponse = (c: ApiContext): HttpBindings['outgoing'] | null =>
  (c.env as Partial<HttpBindings> | undefined)?.outgoing ?? null;

export const nodeRequest = (c: ApiContext): HttpBindings['incoming'] | null =>
  (c.env as Partial<HttpBindings> | undefined)?.incoming ?? null;
