import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { HANGS_SECONDS } from '../../acceptance/support/until.ts';
import type { Report } from './sample.ts';

const LIMIT_MS = HANGS_SECONDS * 1000;
/** The package as a browser finds it without a bundler. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>sample</title>
<script type="importmap">{"imports": {"onmemos": "/node_modules/onmemos/dist/index.js"}}</script>
<script type="module" src="/page.js"></script>`;

export interface PageSite {
  readonly origin: string;
  /** Where the page's program finds the API, and its key. */
  settings: { readonly baseUrl: string; readonly apiKey: string } | null;
  /** What the page's program tells when it is done. */
  readonly report: Promise<Report | { readonly error: string; readonly cause: string }>;
  close(): Promise<void>;
}

/** Serves a page of its own origin: a folder's files, and the settings of the program. */
export const startSite = async (folder: string): Promise<PageSite> => {
  const told = Promise.withResolvers<Report>();
  const answer = async (request: IncomingMessage): Promise<[type: string, body: string]> => {
    const path = normalize((request.url ?? '/').split('?')[0] ?? '/');
    if (path === '/') return ['text/html', PAGE];
    if (path === '/settings.json') return ['application/json', JSON.stringify(site.settings)];
    if (path === '/report') {
      told.resolve(JSON.parse(await text(request)) as Report);
      return ['text/plain', ''];
    }
    return ['text/javascript', await readFile(join(folder, path), 'utf8')];
  };
  const server = createServer((request, response) => {
    void answer(request).then(
      ([type, body]) => response.writeHead(200, { 'content-type': type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const site: PageSite = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    settings: null,
    report: told.promise,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return site;
};

/** Opens a site's page in Chromium, headless, and waits for its report. @throws Error with what the browser printed */
export const reportOfPage = async (program: string, site: PageSite): ReturnType<() => PageSite['report']> => {
  const profile = await mkdtemp(join(tmpdir(), 'onmemos-chromium-'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage'];
  const quiet = ['--disable-background-networking', '--disable-component-update', '--enable-logging=stderr'];
  const child = spawn(program, [...flags, ...quiet, `--user-data-dir=${profile}`, site.origin], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (line: string) => {
    printed += line;
  });
  const ended = once(child, 'exit');
  const stop = new AbortController();
  const late = async (): Promise<never> => {
    await pause(LIMIT_MS, null, { signal: stop.signal });
    throw new Error(`the page told nothing within ${LIMIT_MS / 1000} s:\n${printed.slice(-5000)}`);
  };
  try {
    return await Promise.race([site.report, late()]);
  } finally {
    stop.abort();
    // Its helpers are of its own group, and end with it.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
};
