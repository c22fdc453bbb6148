import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const MAKE = join(HERE, 'stand-ins', 'make.py');
const MAKE_VENV = join(HERE, '..', '..', '..', 'functions', 'keeper', 'sandbox', 'python', 'make-venv.py');
/** Where the stand-ins lie in a session. */
const INSIDE = '/tmp/stand-ins';
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** What the server is asked by and answers with; the rest belongs to one connection. */
const ASKED = [
  'content-type',
  'x-api-key',
  'authorization',
  'idempotency-key',
  'accept',
  'user-agent',
  'last-event-id',
];
/** Headers of an answer that hold for one connection alone. */
const OWN = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-encoding']);

export interface StandIns {
  /** Serves all that the server serves; sessions made through it find the stand-ins inside. */
  readonly url: string;
  /** A file with one JSON line for each request passed on: `request`, `status`, `body`, `answer`. */
  readonly journal: string;
  /** A data folder in which a client without arguments finds it, as it finds a local server. */
  readonly dataDir: string;
  readonly stop: () => Promise<void>;
}

/**
 * The one place where the network, and programs that the snippets presume, are stood in for: a front before the server,
 * with a package index and a git repository of its own. All it changes is the `env` of a new session, and what lies in
 * that session before its maker hears of it. They are made by a Python of this machine.
 */
export const startStandIns = async (
  behind: { readonly url: string; readonly key: string },
  python: string,
): Promise<StandIns> => {
  const server = behind.url;
  const folder = await mkdtemp(join(tmpdir(), 'onmemos-stand-ins-'));
  try {
    await run(python, [MAKE, folder, MAKE_VENV]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const journal = join(folder, 'journal.jsonl');
  await appendFile(journal, '');
  const front = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const env = sessionEnv(url);
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  await writeFile(join(dataDir, 'server.json'), JSON.stringify({ url, pid: process.pid, version: '0' }));
  await writeFile(join(dataDir, 'admin.key'), behind.key, { mode: 0o600 });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', url).pathname;
    if (/^\/(simple\/|git\/|stand-ins\.tar$)/.test(path)) return serveFile(folder, path, response);
    const asked = await text(request);
    const creates = request.method === 'POST' && path === '/v1/sessions';
    const body = creates ? withEnv(asked, env) : asked;
    const headers = Object.fromEntries(ASKED.flatMap((name) => [[name, request.headers[name]]]).filter(([, v]) => v));
    const passed = await fetch(server + (request.url ?? '/'), {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(body === '' ? {} : { body }),
    });
    const type = passed.headers.get('content-type') ?? '';
    response.writeHead(passed.status, Object.fromEntries([...passed.headers].filter(([name]) => !OWN.has(name))));
    if (!/json/.test(type)) {
      for await (const part of passed.body ?? []) response.write(part);
      response.end();
      return;
    }
    const said = await passed.text();
    const spoken: unknown = JSON.parse(said);
    if (passed.ok && creates)
      await layOut(server, (spoken as { id: string }).id, url, headers as Record<string, string>);
    const entry = {
      request: `${request.method} ${request.url}`,
      status: passed.status,
      body: asked && JSON.parse(asked),
      answer: spoken,
    };
    await appendFile(journal, `${JSON.stringify(entry)}\n`);
    response.end(said);
  };

  const stop = async (): Promise<void> => {
    front.closeAllConnections();
    front.close();
    await once(front, 'close');
    await rm(folder, { recursive: true, force: true });
  };
  return { url, journal, dataDir, stop };
};

/** pip, git and apt look only at the stand-ins; programs are found there last, but for Python in images without one. */
const sessionEnv = (url: string): Readonly<Record<string, string>> => ({
  PATH: `/venv/bin:${INSIDE}/venv/bin:${SYSTEM_PATH}:${INSIDE}/bin`,
  PIP_CONFIG_FILE: '/dev/null',
  PIP_INDEX_URL: `${url}/simple/`,
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_ROOT_USER_ACTION: 'ignore',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: `url.${url}/git/.insteadOf`,
  GIT_CONFIG_VALUE_0: 'https://github.com/',
  APT_CONFIG: `${INSIDE}/apt.conf`,
});

const withEnv = (asked: string, env: Readonly<Record<string, string>>): string => {
  const body = JSON.parse(asked) as { env?: Record<string, string> | null };
  return JSON.stringify({ ...body, env: { ...env, ...body.env } });
};

const layOut = async (server: string, id: string, url: string, headers: Readonly<Record<string, string>>) => {
  const unpack = [
    'import io, tarfile, urllib.request',
    `data = urllib.request.urlopen("${url}/stand-ins.tar").read()`,
    `tarfile.open(fileobj=io.BytesIO(data)).extractall("${INSIDE}")`,
  ].join('\n');
  const command = `python3 -c '${unpack}' && cd ${INSIDE} && sh setup.sh`;
  const { 'idempotency-key': _, ...rest } = headers;
  const done = await fetch(`${server}/v1/sessions/${id}/execute`, {
    method: 'POST',
    headers: rest,
    body: JSON.stringify({ command, timeout: 300 }),
  });
  const result = (await done.json()) as { success?: boolean };
  if (result.success !== true) throw new Error(`the stand-ins can't be laid out: ${JSON.stringify(result)}`);
};

const serveFile = async (folder: string, path: string, response: ServerResponse): Promise<void> => {
  const file = join(folder, normalize(path), path.endsWith('/') ? 'index.html' : '');
  const data = await readFile(file).catch(() => null);
  if (data === null) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': file.endsWith('.html') ? 'text/html' : 'application/octet-stream' });
  response.end(data);
};
