import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOUD_FUNCTIONS, type CloudFunction } from '#wiring/google-cloud-settings.ts';
import type { Load, Loads } from '../../../functions/bundle/loads.ts';
import { bundleFunction } from '../../../functions/bundle/main.ts';
import { startProgram } from '../../support/program.ts';
import { functionsMissing, type Ground, openGround } from './functions.ts';

const missing = await functionsMissing();
if (missing !== null)
  console.warn(`The bundles of the functions are not run without the Firestore emulator: ${missing}`);

/** Why no process can be the first of its own namespace here; null where one can. */
const isolated =
  spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0 ? null : 'this user may not make a namespace';
if (isolated !== null) console.warn(`No bundle is run as the first process of a container: ${isolated}`);

const ROOT = join(import.meta.dirname, '..', '..', '..');

let ground: Ground;
let base: string;
let loads: Readonly<Record<CloudFunction, Loads>>;
const storage = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({ kind: 'storage#buckets', items: [{ kind: 'storage#bucket', id: 'one', name: 'one' }] }),
  );
});
beforeAll(async () => {
  if (missing !== null) return;
  // Node looks for packages in every folder above: there must be none.
  base = await mkdtemp(join(tmpdir(), 'onmemos-bundles-'));
  const built = await mkdtemp(join(tmpdir(), 'onmemos-built-'));
  const made = await Promise.all(
    CLOUD_FUNCTIONS.map(async (name) => [name, await bundleFunction(name, join(built, name))] as const),
  );
  loads = Object.fromEntries(made) as typeof loads;
  // Somewhere else than where it was built, as in an image.
  for (const name of CLOUD_FUNCTIONS) await cp(join(built, name), join(base, name), { recursive: true });
  await rm(built, { recursive: true });
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
  ground = await openGround();
});
afterAll(async () => {
  await ground?.stop();
  storage.close();
  if (base !== undefined) await rm(base, { recursive: true, force: true });
});

/** A file of a bundle, as its build has named it from the root of the repository, where it was copied to. */
const placeOf = (name: CloudFunction, file: string): string =>
  join(base, name, relative(join(ROOT, dirOf(loads[name].start)), join(ROOT, file)));
const dirOf = ({ files }: Load): string => join(files[0] ?? '', '..');

const LIBRARIES = [
  '@google-cloud/firestore',
  '@google-cloud/firestore-api',
  '@google-cloud/storage',
  '@google-cloud/tasks',
  'google-auth-library',
  'google-gax',
];

describe.skipIf(missing !== null)('the bundle', () => {
  it.each(CLOUD_FUNCTIONS)(
    'of %s has its own code in one file, and loads no library of Google at its start',
    (name) => {
      const { start, later } = loads[name];
      expect(start.files.filter((file) => !file.includes('/vendor/'))).toEqual([
        expect.stringMatching(/function\.js$/),
      ]);
      expect(start.packages.filter((each) => /google|grpc|protobuf/.test(each))).toEqual([]);
      expect(later.map((load) => load.name)).toEqual(LIBRARIES);
    },
  );

  it.each(CLOUD_FUNCTIONS)(
    'of %s makes a call by each of its libraries, in a folder that has nothing else',
    async (name) => {
      const folder = join(base, name);
      const child = join(folder, 'one-call-child.mjs');
      await cp(join(import.meta.dirname, 'one-call-child.mjs'), child);
      const files = loads[name].later.map((load) => [load.name, placeOf(name, load.files[0] ?? '')]);
      const audience = 'https://worker.example';
      const [key = '', certificate = ''] = Object.entries(ground.tasks.tokens.certificates())[0] ?? [];
      const env = {
        METADATA_SERVER_DETECTION: 'none',
        FIRESTORE_EMULATOR_HOST: ground.emulatorHost,
        TASKS_PORT: String(ground.tasks.port),
        STORAGE_URL: `http://127.0.0.1:${(storage.address() as AddressInfo).port}`,
        TOKEN: ground.tasks.tokens.issue('a@b.example', audience),
        ...{ AUDIENCE: audience, KEY_ID: key, KEY: certificate },
      };
      const args = [child, JSON.stringify(Object.fromEntries(files))];
      const { code, printed } = await startProgram(process.execPath, args, { env, cwd: folder }).ended;
      await rm(child);
      expect({ code, called: printed.trim().split('\n') }).toEqual({ code: 0, called: LIBRARIES });
    },
  );

  it('ends with 0 at a signal that comes while its code is loaded', async () => {
    const folder = await mkdtemp(join(base, 'loads-'));
    await cp(join(ROOT, 'functions', 'bundle', 'start.mjs'), join(folder, 'main.mjs'));
    const loads = "console.log('loading'); await new Promise((resolve) => setTimeout(resolve, 60_000));";
    await writeFile(join(folder, 'function.js'), loads);
    const { child, ended } = startProgram(process.execPath, [join(folder, 'main.mjs')], { env: {}, cwd: folder });
    if (child.stdout) await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  it.skipIf(isolated !== null)(
    `of each function ends at SIGTERM as the first process of a container${isolated === null ? '' : `: ${isolated}`}`,
    async () => {
      for (const name of CLOUD_FUNCTIONS) {
        const command = ['unshare', '--pid', '--fork', '--kill-child', process.execPath, join(base, name, 'main.js')];
        const { started } = await ground.start(name, {}, command);
        const path = `/proc/${started.child.pid}/task/${started.child.pid}/children`;
        const first = Number((await readFile(path, 'utf8')).trim());
        expect((await readFile(`/proc/${first}/status`, 'utf8')).match(/^NSpid:.*\t1$/m)).not.toBeNull();
        process.kill(first, 'SIGTERM');
        expect({ name, code: (await started.ended).code }).toEqual({ name, code: 0 });
      }
    },
  );

  it('of each function serves with compiled code that its build has kept, and loads a library when it first needs it', async () => {
    const debug = { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
    const started = await Promise.all(
      CLOUD_FUNCTIONS.map((name) => ground.start(name, debug, [process.execPath, join(base, name, 'main.js')])),
    );
    const [api] = started;
    if (!api) throw new Error('there is no api');
    const kept = (file: string) => new RegExp(`cache for .*${file}.* was accepted`);
    const fileOf = (library: string): string => {
      const load = loads.api.later.find(({ name }) => name === library);
      return basename(load?.files[0] ?? 'no such file');
    };
    const [taskFile, storageFile] = [fileOf('@google-cloud/tasks'), fileOf('@google-cloud/storage')];
    for (const one of started) expect(one.started.stderr()).toMatch(kept('function.js'));
    expect(api.started.stderr()).not.toContain(taskFile);
    const answer = await fetch(`${api.url}/v1/sessions?wait=60`, {
      method: 'POST',
      headers: { 'x-api-key': ground.key, 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'ann', ttl_minutes: 10 }),
    });
    expect(await answer.json()).toMatchObject({ user: 'ann', status: 'running' });
    expect(api.started.stderr()).toMatch(kept(taskFile));
    // No call has needed a bucket.
    expect(api.started.stderr()).not.toContain(storageFile);
    for (const page of ['/docs', '/docs/swagger-ui.css', '/openapi.json', '/ready'])
      expect({ page, status: (await fetch(`${api.url}${page}`)).status }).toEqual({ page, status: 200 });
    const ends = await Promise.all(started.map((one) => one.end()));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
  });
});
