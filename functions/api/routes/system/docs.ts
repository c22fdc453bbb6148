import { z } from 'zod';
import { docsPage } from '../../docs/page.ts';
import type { OpenApiDocument } from '../../openapi.ts';
import { openRoute, type Route } from '../../route.ts';

/** Nothing from anywhere else: the page works without internet and tells nobody that it was read. */
const policy = (nonce: string): string =>
  `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export const docsGet = (document: (version: string) => OpenApiDocument): Route =>
  openRoute({
    operation: 'docs.get',
    summary: 'Read about this API and try it',
    responses: { 200: { description: 'Success', content: { 'text/html': { schema: z.string() } } } },
    handle: ({ deps, settings }, c) => {
      const nonce = Buffer.from(deps.ids.random(16)).toString('base64url');
      c.header('Content-Security-Policy', policy(nonce));
      return c.html(docsPage(document(settings.version), nonce));
    },
  });
