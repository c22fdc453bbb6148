import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

// Google's clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] ??= 'none';

/** Firestore as the Google Cloud SDK has it for tests: documents in memory, over gRPC, without an identity. */
export interface FirestoreEmulator {
  /** `host:port`. */
  readonly host: string;
  /** A project that nobody else uses: its documents are its own. */
  project(): string;
  /** Deletes the documents of a project. */
  clear(project: string): Promise<void>;
  /** Stops and continues the process, as a machine does that is too busy. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

const JAR = join('platform', 'cloud-firestore-emulator', 'cloud-firestore-emulator.jar');
const MAIN = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';
const STARTS_WITHIN_MS = 120_000;

const onPath = (program: string): string | null =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file)) ?? null;

/** What is missing to run it, and how to get it; null where nothing is. */
export const emulatorMissing = async (): Promise<string | null> => {
  if (onPath('java') === null) return 'apt-get install default-jre-headless, and the Google Cloud SDK';
  return (await jar()) === null ? 'gcloud components install cloud-firestore-emulator' : null;
};

const jar = async (): Promise<string | null> => {
  const gcloud = onPath('gcloud');
  const roots = [process.env['CLOUDSDK_ROOT_DIR'], gcloud && dirname(dirname(await realpath(gcloud)))];
  // A package of the system links /usr/bin/gcloud to it.
  const all = [...roots, '/usr/lib/google-cloud-sdk', '/opt/google-cloud-sdk'];
  return all.flatMap((root) => (root ? [join(root, JAR)] : [])).find((file) => existsSync(file)) ?? null;
};

/** The program and arguments of an emulator; null where it can't run here. @param functions as of its start */
export const emulatorCommand = async (port: number, functions?: string): Promise<readonly string[] | null> => {
  const file = await jar();
  if (file === null || (await emulatorMissing()) !== null) return null;
  const told = functions === undefined ? [] : ['--functions_emulator', functions];
  return ['java', '-Xmx512m', '-cp', file, MAIN, '--host', '127.0.0.1', '--port', String(port), ...told];
};

let projects = 0;

/** @param functions `host:port` of what is told of created documents. @returns null where it can't run here */
export const startFirestoreEmulator = async (functions?: string): Promise<FirestoreEmulator | null> => {
  const port = await freePort();
  const command = await emulatorCommand(port, functions);
  if (command === null) return null;
  const host = `127.0.0.1:${port}`;
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-10_000);
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const dies = (): void => void child.kill('SIGKILL');
  process.once('exit', dies);
  const began = performance.now();
  while (!(await answers(host))) {
    if (child.exitCode !== null || performance.now() - began > STARTS_WITHIN_MS)
      throw new Error(`the Firestore emulator did not start: ${printed}`);
    await pause(100);
  }
  return {
    host,
    project: () => `test-${process.pid}-${++projects}`,
    clear: async (project) => {
      const documents = `emulator/v1/projects/${project}/databases/(default)/documents`;
      const { ok, status } = await fetch(`http://${host}/${documents}`, { method: 'DELETE' });
      if (!ok) throw new Error(`the emulator has not deleted the documents of ${project}: ${status}`);
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop: async () => {
      process.off('exit', dies);
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const late = setTimeout(dies, 5_000);
      await ended;
      clearTimeout(late);
    },
  };
};

const answers = async (host: string): Promise<boolean> => {
  try {
    return (await fetch(`http://${host}/`)).ok;
  } catch {
    return false;
  }
};
