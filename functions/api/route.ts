import type { RouteConfig } from '@hono/zod-openapi';
import type { Handler } from 'hono';
import { z } from 'zod';
import { type ListPage, listOf } from '#contract/entities/common.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { errorsOf } from '#contract/operation-errors.ts';
import { OPERATIONS, type Operation, type OperationName } from '#contract/operations.ts';
import type { Call, KeyActor } from '#services/kernel/call.ts';
import type { Deps } from '#services/kernel/deps.ts';
import type { ApiContext, ApiEnv } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { validationProblem } from './problem.ts';
import { readJson, refuseTooLarge } from './request/body.ts';
import { fieldMessage } from './request/field-message.ts';
import { readIdempotency } from './request/idempotency.ts';
import { listAnswer } from './request/list.ts';
import { type PathParams, readParams } from './request/params.ts';
import { readQuery, refuseBadEncoding, withoutOthers } from './request/query.ts';

/** One route: how it is described and how it answers. */
export interface Route {
  readonly operation: OperationName;
  readonly docs: RouteDocs;
  handler(api: ApiDeps): Handler<ApiEnv>;
}

interface RouteDocs {
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Request headers beyond those that every route takes. */
  readonly headers?: z.ZodObject;
  /** Successes; errors are the same everywhere and added to all. */
  readonly responses: RouteConfig['responses'];
}

/** A request that has passed every check of its form. */
export interface Request<N extends OperationName, Query, Body> {
  readonly api: ApiDeps;
  readonly deps: Deps;
  readonly call: Call & { readonly actor: KeyActor };
  readonly params: PathParams<N>;
  readonly query: Query;
  readonly body: Body;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
  readonly c: ApiContext;
}

interface Declaration<N extends OperationName, Q extends z.ZodObject, B extends z.ZodType> {
  readonly operation: N;
  readonly summary: string;
  readonly description?: string;
  readonly query?: Q;
  readonly body?: B;
  /** For bodies that carry stdin or an environment. */
  readonly largeBody?: boolean;
}

interface JsonDeclaration<N extends OperationName, Q extends z.ZodObject, B extends z.ZodType, R extends z.ZodType>
  extends Declaration<N, Q, B> {
  readonly response: R;
  handle(request: Request<N, z.output<Q>, z.output<B>>): Promise<z.input<R>>;
}

interface ListDeclaration<N extends OperationName, Q extends z.ZodObject, R extends z.ZodType>
  extends Declaration<N, Q, z.ZodUndefined> {
  readonly query: Q;
  readonly item: R;
  handle(request: Request<N, z.output<Q>, undefined>): Promise<ListPage<z.input<R>>>;
}

interface RawDeclaration<N extends OperationName, Q extends z.ZodObject> extends Declaration<N, Q, z.ZodUndefined> {
  readonly headers?: z.ZodObject;
  readonly responses: RouteConfig['responses'];
  handle(request: Request<N, z.output<Q>, undefined>): Promise<Response>;
}

interface OpenDeclaration<N extends OperationName> extends Declaration<N, z.ZodObject, z.ZodUndefined> {
  readonly responses: RouteConfig['responses'];
  handle(api: ApiDeps, c: ApiContext): Promise<Response> | Response;
}

/** Answers one JSON object. */
export const jsonRoute = <
  N extends OperationName,
  R extends z.ZodType,
  Q extends z.ZodObject = z.ZodObject<Record<never, never>>,
  B extends z.ZodType = z.ZodUndefined,
>(
  declaration: JsonDeclaration<N, Q, B, R>,
): Route => ({
  operation: declaration.operation,
  docs: { ...docsOf(declaration), responses: { 200: jsonContent(declaration.response) } },
  handler: (api) => async (c) => c.json(await declaration.handle(await readRequest(api, c, declaration))),
});

/** Answers a list: a plain array, or a page where the caller asks for one. */
export const listRoute = <N extends OperationName, R extends z.ZodType, Q extends z.ZodObject>(
  declaration: ListDeclaration<N, Q, R>,
): Route => ({
  operation: declaration.operation,
  docs: { ...docsOf(declaration), responses: { 200: jsonContent(listOf(declaration.item)) } },
  handler: (api) => async (c) => listAnswer(c, await declaration.handle(await readRequest(api, c, declaration))),
});

/** Answers something else: a stream, a WebSocket. */
export const rawRoute = <N extends OperationName, Q extends z.ZodObject = z.ZodObject<Record<never, never>>>(
  declaration: RawDeclaration<N, Q>,
): Route => ({
  operation: declaration.operation,
  docs: {
    ...docsOf(declaration),
    responses: declaration.responses,
    ...(declaration.headers === undefined ? {} : { headers: declaration.headers }),
  },
  handler: (api) => async (c) => declaration.handle(await readRequest(api, c, declaration)),
});

/** Takes nothing from the caller and may be open to all. */
export const openRoute = <N extends OperationName>(declaration: OpenDeclaration<N>): Route => ({
  operation: declaration.operation,
  docs: { ...docsOf(declaration), responses: declaration.responses },
  handler: (api) => (c) => declaration.handle(api, c),
});

export const jsonContent = (schema: z.ZodType, description = 'Success') => ({
  description,
  content: { 'application/json': { schema } },
});

const docsOf = ({ summary, description, query, body }: Declaration<OperationName, z.ZodObject, z.ZodType>) => ({
  summary,
  ...(description === undefined ? {} : { description }),
  ...(query === undefined ? {} : { query }),
  ...(body === undefined ? {} : { body }),
});

const NO_QUERY = z.object({});
const NO_BODY = z.strictObject({});

const readRequest = async <N extends OperationName, Q extends z.ZodObject, B extends z.ZodType>(
  api: ApiDeps,
  c: ApiContext,
  declaration: Declaration<N, Q, B>,
): Promise<Request<N, z.output<Q>, z.output<B>>> => {
  const { operation, largeBody } = declaration;
  const limit = largeBody ? api.settings.large_body_limit_bytes : api.settings.body_limit_bytes;
  refuseTooLarge(c, limit);
  refuseBadEncoding(c);
  const params = readParams(c, operation);
  const query = check(withoutOthers((declaration.query ?? NO_QUERY) as Q), readQuery(c), 'query');
  const body =
    declaration.body === undefined ? await noBody(c, limit) : check(declaration.body, await readJson(c, limit), 'body');
  const actor = c.get('actor');
  if (actor === null) throw new Error(`${operation} needs a key and was reached without one`);
  const call = { actor, operation, request_id: c.get('request_id'), idempotency: readIdempotency(c, body) };
  return { api, deps: api.deps, call, params, query, body: body as z.output<B>, signal: c.req.raw.signal, c };
};

/** Refuses a body where the call takes none: its fields would have no effect. */
const noBody = async (c: ApiContext, limit: number): Promise<undefined> => {
  if (c.req.raw.body !== null) check(NO_BODY, await readJson(c, limit), 'body');
  return undefined;
};

const check = <S extends z.ZodType>(schema: S, value: unknown, root: string): z.output<S> => {
  const parsed = schema.safeParse(value, { error: fieldMessage });
  if (!parsed.success) throw validationProblem(parsed.error, root);
  return parsed.data;
};

/** The error codes that a call may answer. */
export const errorCodesOf = ({ operation, docs }: Route): readonly ErrorCode[] =>
  errorsOf(operation, docs.body !== undefined);

/** What the catalogue says of an operation. */
export const operationOf = (name: OperationName): Operation => OPERATIONS[name];
