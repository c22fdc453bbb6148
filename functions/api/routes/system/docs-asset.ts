import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Problem } from '#contract/errors.ts';
import { openRoute, type Route } from '../../route.ts';

/** The files of the page, and no others of their package. */
const TYPES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** What a bundle of the service needs of that package. */
export const PAGE_FILES: readonly string[] = [...Object.keys(TYPES), 'swagger-ui-bundle.js.LICENSE.txt', 'NOTICE'];

/** In the repository in the package that it comes from; the bundle has copies in a folder of its own. */
const pathOf = (asset: string): string =>
  fileURLToPath(
    import.meta.filename.endsWith('.ts')
      ? import.meta.resolve(`swagger-ui-dist/${asset}`)
      : new URL(`./docs/${asset}`, import.meta.url),
  );

export const docsAssetGet = openRoute({
  operation: 'docs.asset',
  summary: 'Read a file of the page at /docs',
  responses: { 200: { description: 'Success', content: { 'application/octet-stream': { schema: z.string() } } } },
  handle: async (_api, c) => {
    const asset = c.req.param('asset') ?? '';
    const type = Object.hasOwn(TYPES, asset) ? TYPES[asset] : undefined;
    if (type === undefined) throw new Problem('not_found', 'The page has no such file.');
    const bytes = await readFile(pathOf(asset));
    c.header('Content-Type', type);
    c.header('Cache-Control', 'public, max-age=86400');
    return c.body(new Uint8Array(bytes));
  },
}) satisfies Route;
