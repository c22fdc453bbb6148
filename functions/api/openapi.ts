import type { OperationName } from '#contract/operations.ts';
import { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { ProblemBody } from '#contract/entities/common.ts';
import { OutputChunk, OutputGap } from '#contract/entities/exec.ts';
import { ShellMessage, ShellRequest } from '#contract/entities/shell.ts';
import { ERROR_STATUS, ERROR_TITLES, type ErrorCode } from '#contract/errors.ts';
import { BODY_EXAMPLES, PATH_EXAMPLES } from './examples.ts';
import { PARAM_SCHEMAS, type ParamName, paramNames } from './request/params.ts';
import { errorCodesOf, operationOf, type Route } from './route.ts';
import { TAGS, tagOf } from './tags.ts';

const ABOUT = `Compute sessions on demand.

To try a call, choose **Authorize** and give an API key. On your own machine, \`admin.key\` in the data folder has one.
An admin key acts for any user, so its calls name the user; the examples use \`developer\`. The examples fit together: create
the workspace \`demo\`, then a session in it, and put the session's \`id\` into the other calls; the command that is started
has the id \`demo\`.

Errors are RFC 9457 problem details with a closed list of codes; each call lists its codes. Every POST accepts an
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
  const errors = new Map(routes.flatMap(errorResponses).map((response) => [response.name, response]));
  for (const { name, codes } of errors.values()) {
    registry.registerComponent('responses', name, {
      description: codes.map((code) => `\`${code}\`: ${ERROR_TITLES[code]}`).join(' · '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
  }
  for (const route of routes) registry.registerPath(pathOf(route));
  return withPageExamples(
    hono.document({
      openapi: '3.1.0',
      info: { title: 'OnMemOS', version, description: ABOUT, license: { name: 'Apache-2.0' } },
      tags: [...TAGS],
    }),
  );
};

interface Parameter {
  readonly name: string;
  readonly in: string;
  description?: string;
  readonly schema: { example?: string };
}

/**
 * The page fills the example of a parameter in, and sends it. So a path has that of the page's story, and an optional
 * parameter none: its example, which would change the answer, is in its description.
 */
const withPageExamples = (document: OpenApiDocument): OpenApiDocument => {
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))) {
    for (const parameter of (operation as { parameters?: Parameter[] }).parameters ?? []) {
      const { example, ...schema } = parameter.schema;
      const filledIn = parameter.in === 'path' ? PATH_EXAMPLES[parameter.name as ParamName] : undefined;
      const told = filledIn === undefined && example !== undefined ? ` For example \`${example}\`.` : '';
      Object.assign(parameter, {
        schema: { ...schema, ...(filledIn === undefined ? {} : { example: filledIn }) },
        ...(parameter.description === undefined ? {} : { description: `${parameter.description}${told}` }),
      });
    }
  }
  return document;
};

const describe = () => {
  const app = new OpenAPIHono();
  return { openAPIRegistry: app.openAPIRegistry, document: app.getOpenAPI31Document };
};

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
    tags: [tagOf(route.operation)],
    summary: docs.summary,
    description: [docs.description, scope === null ? undefined : `Scope: \`${scope}\`.`].filter(Boolean).join(' '),
    security: key ? [{ ApiKey: [] }, { Bearer: [] }] : [],
    request: {
      ...(names.length > 0 ? { params } : {}),
      ...(docs.query ? { query: docs.query } : {}),
      ...(headers.length > 0 ? { headers } : {}),
      ...(docs.body ? { body: bodyOf(docs.body, route.operation) } : {}),
    },
    responses: { ...docs.responses, ...errorRefs(route) },
  };
};

const bodyOf = (schema: z.ZodType, operation: OperationName) => ({
  required: true,
  content: { 'application/json': { schema, examples: examplesOf(operation) } },
});

const examplesOf = (operation: OperationName) =>
  Object.fromEntries((BODY_EXAMPLES[operation] ?? []).map((example) => [example.summary, example]));

interface ErrorResponse {
  /** Its name among the components, of the status and the codes. */
  readonly name: string;
  readonly status: string;
  readonly codes: readonly ErrorCode[];
}

/** The errors of a call, one answer for each status. */
const errorResponses = (route: Route): readonly ErrorResponse[] =>
  [...Map.groupBy(errorCodesOf(route), (code) => ERROR_STATUS[code])].map(([status, codes]) => ({
    name: `Error${status}-${codes.join('-')}`,
    status: String(status),
    codes,
  }));

const errorRefs = (route: Route) =>
  Object.fromEntries(
    errorResponses(route).map(({ status, name }) => [status, { $ref: `#/components/responses/${name}` }]),
  );
