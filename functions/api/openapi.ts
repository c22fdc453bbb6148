import { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { ProblemBody } from '#contract/entities/common.ts';
import { OutputChunk, OutputGap } from '#contract/entities/exec.ts';
import { ShellMessage, ShellRequest } from '#contract/entities/shell.ts';
import { ERROR_STATUS, ERROR_TITLES } from '#contract/errors.ts';
import { PARAM_SCHEMAS, paramNames } from './request/params.ts';
import { operationOf, type Route } from './route.ts';

const ABOUT = `Compute sessions on demand. Errors are RFC 9457 problem details with a closed list of codes. Every POST accepts an
\`Idempotency-Key\`: a repeated request with the same key and body has the same answer.`;

const IDEMPOTENCY = z.object({
  'Idempotency-Key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'Idempotency key: repeating the same request within 24 hours has no further effect.' }),
});

/** Schemas that no body refers to: errors, and the messages of streams and WebSockets. */
const STANDALONE_SCHEMAS = { Problem: ProblemBody, OutputChunk, OutputGap, ShellRequest, ShellMessage };

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** The OpenAPI 3.1 document of exactly these routes. */
export const openApiDocument = (routes: readonly Route[], version: string): OpenApiDocument => {
  const { openAPIRegistry: registry, ...hono } = describe();
  registry.registerComponent('securitySchemes', 'ApiKey', { type: 'apiKey', in: 'header', name: 'X-API-Key' });
  registry.registerComponent('securitySchemes', 'Bearer', { type: 'http', scheme: 'bearer' });
  // Registers a copy, because a schema can be registered only if it was created after the import above extended zod.
  for (const [name, schema] of Object.entries(STANDALONE_SCHEMAS))
    registry.register(name, schema.meta(schema.meta() ?? {}));
  for (const [status, titles] of Object.entries(titlesByStatus())) {
    registry.registerComponent('responses', `Error${status}`, {
      description: titles.join(' · '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
  }
  for (const route of routes) registry.registerPath(pathOf(route));
  return hono.document({
    openapi: '3.1.0',
    info: { title: 'OnMemOS', version, description: ABOUT, license: { name: 'Apache-2.0' } },
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
  });
};

const describe = () => {
  const app = new OpenAPIHono();
  return { openAPIRegistry: app.openAPIRegistry, document: app.getOpenAPI31Document };
};

const tagOf = (route: Route): string => route.operation.split('.')[0] ?? route.operation;

const pathOf = (route: Route) => {
  const { method, path, key, scope } = operationOf(route.operation);
  const { docs } = route;
  const names = paramNames(path);
  const params = z.object(Object.fromEntries(names.map((name) => [name, PARAM_SCHEMAS[name]])));
  const headers = [...(docs.headers ? [docs.headers] : []), ...(method === 'post' ? [IDEMPOTENCY] : [])];
  return {
    method,
    path,
    operationId: route.operation,
    tags: [tagOf(route)],
    summary: docs.summary,
    description: [docs.description, scope === null ? undefined : `Scope: \`${scope}\`.`].filter(Boolean).join(' '),
    security: key ? [{ ApiKey: [] }, { Bearer: [] }] : [],
    request: {
      ...(names.length > 0 ? { params } : {}),
      ...(docs.query ? { query: docs.query } : {}),
      ...(headers.length > 0 ? { headers } : {}),
      ...(docs.body ? { body: { required: true, content: { 'application/json': { schema: docs.body } } } } : {}),
    },
    responses: { ...docs.responses, ...errorResponses(key) },
  };
};

/** The errors of each route. Routes without a key can't refuse a caller. */
const errorResponses = (key: boolean) =>
  Object.fromEntries(
    Object.keys(titlesByStatus())
      .filter((status) => key || Number(status) >= 500)
      .map((status) => [status, { $ref: `#/components/responses/Error${status}` }]),
  );

const titlesByStatus = (): Record<string, string[]> => {
  const titles: Record<string, string[]> = {};
  for (const [code, status] of Object.entries(ERROR_STATUS)) {
    const title = `\`${code}\`: ${ERROR_TITLES[code as keyof typeof ERROR_TITLES]}`;
    titles[status] = [...(titles[status] ?? []), title];
  }
  return titles;
};
