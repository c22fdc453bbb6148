import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processStat } from '#platform/process-stat.ts';
import { CLOUD_FUNCTIONS, type CloudFunction } from '#wiring/google-cloud-settings.ts';
import type { Load, Loads } from '../../../functions/bundle/loads.ts';
import { bundleFunction, bundleProgram } from '../../../functions/bundle/main.ts';
import { type Ground, openGround } from '../../process/cloud/functions.ts';
import { freePort } from '../../support/free-port.ts';
import { residentMb } from './processes.ts';

type Bundle = CloudFunction | 'bare';

interface Started {
  /** From the start of the process to the answer. */
  readonly ms: number;
  /** Of the process until then. */
  readonly cpu_ms: number;
}

interface Loaded {
  /** Code that was read until the first answer. */
  readonly bytes: number;
  readonly libraries: readonly string[];
  /** Libraries of the bundle that nothing has needed. */
  readonly left: readonly string[];
}

export interface Bundles {
  /** Starts one and holds until the first 200 that has read a document. */
  start(name: Bundle): Promise<Started>;
  /** MB resident, some time after that. */
  idleMb(name: Bundle): Promise<number>;
  /** What it has loaded until then. */
  loaded(name: Bundle): Promise<Loaded>;
  close(): Promise<void>;
}

const SETTLE_MS = 5_000;
/** The unit of the kernel’s times of processes. */
const TICK_MS = 10;

const filesRead = (debug: string): ReadonlySet<string> =>
  new Set([...debug.matchAll(/cache for \S+ (\S+) was accepted/g)].map(([, file = '']) => basename(file)));

const loadedOf = ({ start, later }: Loads, debug: string): Loaded => {
  const read = filesRead(debug);
  const isRead = ({ files }: Load): boolean => read.has(basename(files[0] ?? ''));
  if (!isRead(start)) throw new Error('the program did not say what it loads');
  const used = later.filter(isRead);
  const names = (loads: readonly Load[]): string[] => loads.map(({ name }) => name);
  return {
    bytes: [start, ...used].reduce((sum, { bytes }) => sum + bytes, 0),
    libraries: names(used),
    left: names(later.filter((load) => !isRead(load))),
  };
};

/** The functions and the least that a function could be, all bundled alike. */
export const openBundles = async (): Promise<Bundles> => {
  const folder = await mkdtemp(join(tmpdir(), 'onmemos-bench-'));
  const bare = { name: 'bare', entry: 'test/bench/support/bare-function-child.ts' };
  const loads = new Map<Bundle, Loads>([['bare', await bundleProgram(bare, join(folder, 'bare'))]]);
  for (const name of CLOUD_FUNCTIONS) loads.set(name, await bundleFunction(name, join(folder, name)));
  const ground: Ground = await openGround();

  const begin = async (name: Bundle, env: NodeJS.ProcessEnv = {}) => {
    const port = await freePort();
    // Without a folder of its own it has no keeper, as on Google Cloud.
    const given = { ...env, PORT: String(port), ONMEMOS_DATA_DIR: undefined };
    const command = [process.execPath, join(folder, name, 'main.js')];
    const began = performance.now();
    const running = await ground.start(name === 'bare' ? 'api' : name, given, command);
    const answer = await fetch(`http://127.0.0.1:${port}/ready`);
    const text = await answer.text();
    const ms = performance.now() - began;
    const pid = running.started.child.pid ?? 0;
    const cpu_ms = (processStat(pid)?.cpu_ticks ?? 0) * TICK_MS;
    if (answer.status !== 200) throw new Error(`${name} answered ${answer.status}: ${text}`);
    return { running, pid, ms, cpu_ms };
  };

  return {
    start: async (name) => {
      const { running, ms, cpu_ms } = await begin(name);
      await running.end();
      return { ms, cpu_ms };
    },
    idleMb: async (name) => {
      const { running, pid } = await begin(name);
      await pause(SETTLE_MS);
      const mb = residentMb(pid);
      await running.end();
      return mb;
    },
    loaded: async (name) => {
      const { running } = await begin(name, { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
      const debug = running.started.stderr();
      await running.end();
      const all = loads.get(name);
      if (!all) throw new Error(`there is no bundle ${name}`);
      return loadedOf(all, debug);
    },
    close: async () => {
      await ground.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
