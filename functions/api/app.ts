import { type Handler, Hono } from 'hono';
import { Problem } from '#contract/errors.ts';
import { OPERATIONS } from '#contract/operations.ts';
import type { ApiEnv } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { authenticated, authenticatedSocket } from './middleware/authenticate.ts';
import { authorized } from './middleware/authorize.ts';
import { canonicalLog } from './middleware/canonical-log.ts';
import { corsFor } from './middleware/cors.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { requestContext } from './middleware/request-context.ts';
import { homePage } from './pages/home.ts';
import { problemResponse, toProblem } from './problem.ts';
import { operationOf } from './route.ts';
import { allRoutes } from './routes/all.ts';
import { createSocketServer, type SocketServer } from './websocket/server.ts';

export interface Api {
  readonly app: Hono<ApiEnv>;
  /** For `@hono/node-server`: the receiver of WebSocket upgrades. */
  readonly websocket: { readonly server: SocketServer };
}

/** What a person opens in a browser, where a slash at the end is easily typed. */
const PAGES: ReadonlySet<string> = new Set(
  Object.values(OPERATIONS)
    .filter(({ method, path, key }) => method === 'get' && !key && !path.includes('{'))
    .map(({ path }) => path),
);

/** The status that proxies log for a closed request. It is never sent. */
const CLIENT_GONE = 499;

/** The public API. serve.ts makes it listen. */
export const createApp = (api: ApiDeps): Api => {
  const app = new Hono<ApiEnv>();
  app.use(requestContext(api.deps.ids), canonicalLog(api));
  if (api.settings.cors_origins.length > 0) app.use(corsFor(api.settings.cors_origins));
  app.get('/', homePage(api));
  const limited = rateLimit(api);

  for (const route of allRoutes()) {
    const { method, path, key, socket } = operationOf(route.operation);
    const honoPath = path.replaceAll(/\{([a-z_]+)\}/g, ':$1');
    app.on(method, honoPath, async (c, next) => {
      c.set('operation', route.operation);
      await next();
    });
    if (key) {
      app.on(method, honoPath, socket ? authenticatedSocket(api) : authenticated(api));
      app.on(method, honoPath, limited, authorized(route.operation));
    }
    app.on(method, honoPath, throwingErrors(route.handler(api)));
  }

  app.notFound((c) => {
    const { method, path } = c.req;
    const page = method === 'GET' && path.endsWith('/') ? path.slice(0, -1) : '';
    // Without a host: a proxy may serve this under another name.
    if (PAGES.has(page)) return c.redirect(`${page}${new URL(c.req.url).search}`, 308);
    return problemResponse(c, new Problem('not_found', `There is no ${method} ${path}. /docs lists every call.`));
  });
  app.onError((error, c) => {
    const problem = toProblem(error);
    if (problem.code === 'internal' && c.req.raw.signal.aborted) {
      // The caller has left, so there is no one to answer, and the stop is not an error of the server.
      c.set('ending', Promise.resolve('client_gone'));
      return new Response(null, { status: CLIENT_GONE });
    }
    if (problem.status >= 500) {
      const level = problem.code === 'internal' ? 'error' : 'warn';
      const fields = { operation: c.get('operation'), request_id: c.get('request_id'), trace_id: c.get('trace_id') };
      api.log[level]({ ...fields, code: problem.code, error: problem.details.cause ?? error }, 'a request failed');
    }
    return problemResponse(c, problem);
  });
  return { app, websocket: { server: createSocketServer(api.settings.large_body_limit_bytes) } };
};

/** Hono's error handler accepts only errors, but an abort reason, for example, may be a string. */
const throwingErrors =
  (handler: Handler<ApiEnv>): Handler<ApiEnv> =>
  async (c, next) => {
    try {
      return await handler(c, next);
    } catch (error) {
      throw error instanceof Error ? error : new Error(String(error));
    }
  };
