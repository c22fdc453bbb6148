import { z } from 'zod';
import { openRoute, type Route } from '../../route.ts';

/** Nothing from anywhere else: the page works without internet and tells nobody that it was read. */
const policy = (nonce: string): string =>
  `default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'nonce-${nonce}'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const page = (nonce: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>OnMemOS API</title>
<link rel="icon" href="/docs/favicon-32x32.png"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script nonce="${nonce}" src="/docs/swagger-ui-bundle.js"></script>
<script nonce="${nonce}">
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, docExpansion: 'list', filter: true, tryItOutEnabled: true });
</script></body></html>`;

export const docsGet = openRoute({
  operation: 'docs.get',
  summary: 'Read about this API and try it',
  responses: { 200: { description: 'Success', content: { 'text/html': { schema: z.string() } } } },
  handle: ({ deps }, c) => {
    const nonce = Buffer.from(deps.ids.random(16)).toString('base64url');
    c.header('Content-Security-Policy', policy(nonce));
    return c.html(page(nonce));
  },
}) satisfies Route;
