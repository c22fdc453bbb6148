import { z } from 'zod';
import { openApiDocument } from '../../openapi.ts';
import { jsonContent, openRoute, type Route } from '../../route.ts';

/** The document is the same for as long as the process lives: written once, at the first request. */
export const openapiGet = (routes: () => readonly Route[]): Route => {
  let text: string | null = null;
  return openRoute({
    operation: 'openapi.get',
    summary: 'Read this API’s OpenAPI document',
    responses: { 200: jsonContent(z.record(z.string(), z.unknown()), 'OpenAPI 3.1') },
    handle: ({ settings }, c) => {
      text ??= JSON.stringify(openApiDocument(routes(), settings.version));
      return c.body(text, 200, { 'content-type': 'application/json' });
    },
  });
};
