/**
 * `npm run cloud:local`: the whole deployment for Google Cloud on this machine, each part as a process of its own. As the
 * standalone server it takes ONMEMOS_PORT, and ONMEMOS_DATA_DIR, where the admin key lies.
 */
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { VERSION } from '#wiring/version.ts';
import { type Discovery, discoveryOf } from '../../functions/standalone/discovery.ts';
import { fakeGcsProgram } from '../support/fake-gcs/program.ts';
import { emulatorMissing } from '../support/firestore-emulator.ts';
import { claimFolder, claimPort, InTheWay } from './claim.ts';
import { startTopology, type Topology } from './topology.ts';

// Google's clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

/** Settings of the functions that a user may give. */
const PASSED_ON = ['ONMEMOS_SHADOW_PROVIDER', 'ONMEMOS_PRICES_FILE', 'ONMEMOS_LOG_LEVEL'] as const;
const PROJECT = 'onmemos-local';

const refuse = (sentence: string): never => {
  console.error(sentence);
  process.exit(1);
};

const port = Number(process.env['ONMEMOS_PORT'] ?? 8080);
if (!Number.isInteger(port) || port < 1 || port > 65_535) refuse('ONMEMOS_PORT: must be a port from 1 to 65535');
const dataDir = resolve(process.env['ONMEMOS_DATA_DIR'] ?? join(homedir(), '.local', 'share', 'onmemos-cloud'));
const missing = await emulatorMissing();
if (missing !== null) refuse(`There is no Firestore emulator here. Install it: ${missing}`);

const gcs = await fakeGcsProgram();
if ('missing' in gcs) console.log(`Without buckets: ${gcs.missing}`);
await mkdir(dataDir, { recursive: true, mode: 0o700 });
try {
  await claimFolder(dataDir);
  await claimPort(port);
} catch (error) {
  if (!(error instanceof InTheWay)) throw error;
  refuse(error.message);
}
const began = performance.now();
let topology: Topology | null = null;
let discovery: Discovery | null = null;
const stopping = new AbortController();
const end = async (): Promise<void> => {
  if (stopping.signal.aborted) return;
  console.log('\nStopping.');
  // One that still starts ends its programs itself.
  stopping.abort();
  if (topology === null) return;
  await discovery?.end();
  await topology.stop();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());

try {
  topology = await startTopology({
    port,
    dataDir,
    project: PROJECT,
    settings: Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    buckets: 'program' in gcs,
    stopping: stopping.signal,
    started: ({ name, pid }, ms) => console.log(`  ${name.padEnd(10)} pid ${String(pid).padEnd(7)} ${ms} ms`),
  });
} catch (error) {
  if (stopping.signal.aborted) process.exit(0);
  refuse(error instanceof Error ? error.message : String(error));
}
// The command line finds it by the folder, as it finds a standalone server.
const note = { url: topology?.url ?? '', pid: process.pid, version: VERSION, embedded: false };
discovery = discoveryOf(dataDir, note);
await discovery.publish();
console.log(`
OnMemOS for Google Cloud runs on this machine after ${((performance.now() - began) / 1000).toFixed(1)} s.

  API    ${topology?.url}
  Key    ${join(dataDir, 'admin.key')}
  Logs   ${join(dataDir, 'logs')}
  CLI    ONMEMOS_DATA_DIR=${dataDir} ./onmemos doctor
  Admin  ONMEMOS_PROJECT=${PROJECT} FIRESTORE_EMULATOR_HOST=${topology?.emulatorHost} npm run admin -- intents

Documents are in memory: they end with this program. Ctrl-C stops all of it.`);
