import { z } from 'zod';
import type { OpenApiDocument } from '../../openapi.ts';
import { jsonContent, openRoute, type Route } from '../../route.ts';

export const openapiGet = (document: (version: string) => OpenApiDocument): Route =>
  openRoute({
    operation: 'openapi.get',
    summary: 'Read this API’s OpenAPI document',
    responses: { 200: jsonContent(z.record(z.string(), z.unknown()), 'OpenAPI 3.1') },
    handle: ({ settings }, c) => c.json(document(settings.version)),
  });
