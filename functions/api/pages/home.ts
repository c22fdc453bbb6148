import type { Handler } from 'hono';
import { html } from 'hono/html';
import type { ApiEnv } from '../context.ts';
import type { ApiDeps } from '../deps.ts';

/** Nothing but the style below, which has no scripts, forms or sources. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * GET / of a browser: a page that says what this is. Programs, which do not ask for HTML, and whoever has a key that is
 * accepted get the answer of `info.get`. A browser may send a key without knowing: a proxy's, or one that has expired.
 */
export const homePage =
  ({ deps }: ApiDeps): Handler<ApiEnv> =>
  async (c, next) => {
    if (!(c.req.header('accept')?.includes('text/html') ?? false)) return next();
    const { version, mode } = deps.settings;
    const shown = async (status: 200 | 401): Promise<Response> => {
      c.header('Content-Security-Policy', POLICY);
      c.header('Vary', 'Accept');
      return c.html(page(version, mode, new URL(c.req.url).origin), status);
    };
    const hasKey = c.req.header('x-api-key') !== undefined || c.req.header('authorization') !== undefined;
    if (!hasKey) return shown(200);
    await next();
    if (c.res.status !== 401) return;
    c.res = await shown(401);
  };

const page = (version: string, mode: string, origin: string) => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>OnMemOS</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
code, pre { font: 0.9em/1.5 ui-monospace, monospace }
pre { padding: 0.75rem 1rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 6px; overflow-x: auto }
</style></head>
<body>
<h1>OnMemOS</h1>
<p>Compute sessions on demand: containers and sandboxes with a size, a time to live and a price known in advance.
This is the API server, version ${version}, mode <code>${mode}</code>.</p>
<h2>Use it</h2>
<pre>onmemos login --url ${origin}
onmemos run -- echo hello</pre>
<p>Or with any HTTP client and an API key:</p>
<pre>curl -H "X-API-Key: $ONMEMOS_API_KEY" ${origin}/v1/packages</pre>
<h2>Read on</h2>
<ul>
<li><a href="/docs">The API</a>: every call, with examples to try</li>
<li><a href="/openapi.json">OpenAPI document</a></li>
<li><a href="/health">State of this server</a></li>
</ul>
</body></html>
`;
