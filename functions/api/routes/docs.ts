import { z } from 'zod';
import { apiPage, apiPagePolicy } from '../pages/api-page.ts';
import type { OpenApiDocument } from '../openapi.ts';
import { jsonContent, openRoute, type Route } from '../route.ts';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Problem } from '#contract/errors.ts';

const openapiGet = (document: (version: string) => OpenApiDocument): Route =>
  openRoute({
    operation: 'openapi.get',
    summary: 'Read this API’s OpenAPI document',
    responses: { 200: jsonContent(z.record(z.string(), z.unknown()), 'OpenAPI 3.1') },
    handle: ({ settings }, c) => c.json(document(settings.version)),
  });

const docsGet = openRoute({
  operation: 'docs.get',
  summary: 'Read the API page, on which each call can be tried',
  responses: { 200: { description: 'Success', content: { 'text/html': { schema: z.string() } } } },
  handle: ({ deps }, c) => {
    const nonce = Buffer.from(deps.ids.random(16)).toString('base64url');
    c.header('Content-Security-Policy', apiPagePolicy(nonce));
    return c.html(apiPage(nonce));
  },
}) satisfies Route;

/** The files of the page, and no others of their package. */
const TYPES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** What a bundle of the service needs of that package. */
export const PAGE_FILES: readonly string[] = [...Object.keys(TYPES), 'swagger-ui-bundle.js.LICENSE.txt', 'NOTICE'];

/** In the repository the files are in their package; the bundle has copies in a separate folder. */
const pathOf = (asset: string): string =>
  fileURLToPath(
    import.meta.filename.endsWith('.ts')
      ? import.meta.resolve(`swagger-ui-dist/${asset}`)
      : new URL(`./docs/${asset}`, import.meta.url),
  );

const docsAssetGet = openRoute({
  operation: 'docs.asset',
  summary: 'Read a file of the API page',
  responses: { 200: { description: 'Success', content: { 'application/octet-stream': { schema: z.string() } } } },
  handle: async (_api, c) => {
    const asset = c.req.param('asset') ?? '';
    const type = Object.hasOwn(TYPES, asset) ? TYPES[asset] : undefined;
    if (type === undefined) throw new Problem('not_found', 'The page at /docs has no such file.');
    const bytes = await readFile(pathOf(asset));
    c.header('Content-Type', type);
    c.header('Cache-Control', 'public, max-age=86400');
    return c.body(new Uint8Array(bytes));
  },
}) satisfies Route;

export const docsRoutes = (document: (version: string) => OpenApiDocument): readonly Route[] => [
  openapiGet(document),
  docsGet,
  docsAssetGet,
];
