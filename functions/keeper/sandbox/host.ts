import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { sandboxFolder, SLOTS } from '#platform/keeper-folders.ts';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import { type CgroupTree, openCgroupTree } from './cgroup/cgroup.ts';
import { findHierarchies, type Hierarchy } from './cgroup/cgroup-base.ts';
import { ownGroupName } from './cgroup/group-names.ts';
import { chooseLevel } from './levels/choose.ts';
import { sandboxDetails } from './details.ts';
import { removeFolder } from './disk/folders.ts';
import type { LevelContext } from './levels/level.ts';
import { chooseNetwork, hostNetwork, noNetwork } from './network/choose.ts';
import { openNetwork } from './network/network.ts';
import { type NetworkPolicy, policyText } from '#platform/network-policy.ts';
import { createPlain } from './levels/plain.ts';
import { openPool, type Pool } from './pool.ts';
import { findProgram } from './process/proc.ts';
import { askedOnce, findPythonProblem, VENV_PATH, venvTemplate } from './python/python.ts';
import type { LiveSandbox } from './sandbox.ts';
import {
  bareSpec,
  type HostCapabilities,
  type IsolationLevel,
  type SandboxHost,
  type SandboxLimits,
  type SandboxSpec,
} from './types.ts';
import { openSpawner } from './launch/spawner.ts';
import { markOf, sweepSandboxes } from './sweep.ts';
import { startWatch } from './disk/watch.ts';

export interface SandboxHostOptions {
  readonly dataDir: string;
  /** The keeper's slot in it. */
  readonly slot?: number;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** `required`: `full` or `user`, never `none`; a level's name: that one and no other. */
  readonly isolation: 'auto' | 'required' | IsolationLevel;
  /** `auto`: a network of its own where pasta is installed, else the host's. */
  readonly network: 'auto' | 'host' | 'none';
  /** Where sessions with a network of their own may send to. Left out: private ranges are open. */
  readonly networkPolicy?: NetworkPolicy;
  /** Prepared sandboxes kept in stock. */
  readonly poolSize: number;
  /** Where control groups may be made. Left out: detected. Empty: none are used. */
  readonly hierarchies?: readonly Hierarchy[];
}

/** While another keeper's sandboxes leave less than this, or than half on a small machine, no sandbox is made. */
const LEAST_MEMORY = 256 * 1024 * 1024;
const MEMORY_HELD =
  'The memory of this machine is held by sessions of a keeper of another version. Try again when some have ended.';

/** @throws Error with a sentence for the operator when the wanted isolation can't be had here. */
export async function openSandboxHost(options: SandboxHostOptions): Promise<SandboxHost> {
  const { clock, ids, log } = options;
  const { slot: ownSlot = 1 } = options;
  const folderOf = (slot: number): string => sandboxFolder(realpathSync(options.dataDir), slot);
  const dir = folderOf(ownSlot);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const others = SLOTS.filter((slot) => slot !== ownSlot).map((slot) => markOf(folderOf(slot)));
  const cgroups = openGroups(options.hierarchies, markOf(dir), others, clock, log);
  const pasta = findProgram('pasta');
  const wantedNetwork = await chooseNetwork(options.network, pasta, clock);
  const live = new Map<string, LiveSandbox | null>();

  const perl = findProgram('perl');
  const spawner = perl ? openSpawner(perl) : null;
  const policy = options.networkPolicy ?? { private: 'open', allowed: [] };
  const sessionNetwork = openNetwork({ kind: wantedNetwork.kind, pasta, spawner, policy, clock, log });
  const context: LevelContext = {
    dir,
    perl,
    spawner,
    clock,
    cgroups,
    network: sessionNetwork,
    details: (spec) => sandboxDetails(capabilities, spec, [...capabilities.warnings, ...pythonWarning(spec)]),
    removed: (name) => live.delete(name),
  };
  const { level, maker, refused, networkProblem } = await chooseLevel(options.isolation, context, ids).catch(
    async (error: unknown) => {
      await sessionNetwork.close();
      spawner?.close();
      cgroups?.close();
      throw error;
    },
  );
  const network =
    level === 'none' ? hostNetwork() : networkProblem === null ? wantedNetwork : noNetwork(networkProblem);
  for (const { level: stronger, why } of refused)
    log.warn({ level: stronger, why }, 'an isolation level is not available');
  const capabilities: HostCapabilities = {
    level,
    refused,
    limits: limitsOf(level, level === 'none' ? null : cgroups),
    network: network.kind,
    network_policy: policyText(policy),
    warnings: network.warning === null ? [] : [network.warning],
    cpu_millis: availableParallelism() * 1000,
    memory_mb: Math.floor(totalmem() / 1024 / 1024),
  };
  const liveSandboxes = () => [...live.values()].filter((entry) => entry !== null);
  const watch = startWatch({ dir, clock, log, limits: capabilities.limits, sandboxes: liveSandboxes });
  const openStock = (venv: string | null) =>
    openPool(
      (name) =>
        maker ? maker.prepare(name, null, venv) : Promise.reject(new Error('nothing is kept ready at this level')),
      clock,
      ids,
      log,
    );
  const pool = openStock(null);
  /** Those with Python, from the first session that asks for it on. */
  let pythonPool: Pool | null = null;
  let poolSize = 0;
  const resizePool = (size: number) => {
    poolSize = maker ? size : 0;
    pool.resize(poolSize);
    pythonPool?.resize(poolSize);
  };
  const stockWith = (venv: string | null): Pool => {
    if (venv === null) return pool;
    if (pythonPool === null) {
      pythonPool = openStock(venv);
      pythonPool.resize(poolSize);
    }
    return pythonPool;
  };

  const askPython = askedOnce(findPythonProblem);
  let pythonProblem: string | null = null;
  const pythonWarning = (spec: SandboxSpec): readonly string[] => (spec.python && pythonProblem ? [pythonProblem] : []);
  let template: Promise<string> | null = null;
  /** The Python template that a spec needs. It is made once, inside a sandbox of its own. */
  const venvFor = async (spec: SandboxSpec): Promise<string | null> => {
    if (!spec.python || !maker) return null;
    pythonProblem ??= await askPython();
    if (pythonProblem) return null;
    template ??= venvTemplate(dir, async (argv) => {
      const name = ids.next('python');
      const made = await maker.prepare(name, null, null);
      const sandbox = await made.assign(bareSpec(name));
      const run = await sandbox.spawn({ argv, cwd: '/', env: {}, tty: null, merge: true, stdin: false });
      run.stdout.resume();
      const { code } = await run.exited;
      if (code !== 0) await sandbox.destroy(0);
      if (code !== 0) throw new Error(`the Python environment could not be made (exit code ${code})`);
      const root = [join(dir, name, 'upper', 'r'), join(dir, name, 'root')].find((path) =>
        existsSync(path + VENV_PATH),
      );
      return { made: `${root}${VENV_PATH}`, release: () => sandbox.destroy(0) };
    });
    try {
      return await template;
    } catch (error) {
      template = null;
      pythonProblem = error instanceof Error ? error.message : String(error);
      return null;
    }
  };

  const make = async (spec: SandboxSpec): Promise<LiveSandbox> => {
    if (!maker) {
      if (spec.python) pythonProblem ??= await askPython();
      const plain = await createPlain(context, spec, `${markOf(dir)}-${spec.key}`, spec.python && !pythonProblem);
      live.set(spec.key, plain);
      return plain;
    }
    const venv = await venvFor(spec);
    const special = spec.network === 'none' && network.kind !== 'none';
    const ready = (special ? null : stockWith(venv).take()) ?? (await maker.prepare(spec.key, spec, venv));
    live.set(ready.name, live.get(ready.name) ?? null);
    const sandbox = await ready.assign(spec);
    if (ready.name !== spec.key) live.delete(spec.key);
    live.set(ready.name, sandbox);
    return sandbox;
  };

  const sweepMark = async (folder: string) => (await cgroups?.sweepMark(markOf(folder))) ?? [];

  resizePool(options.poolSize);
  return {
    capabilities,
    create: async (spec) => {
      if (!/^[a-z0-9-]{1,63}$/.test(spec.key)) throw new Error(`the sandbox’s key ${spec.key} is not a plain name`);
      const taken = live.has(spec.key) || liveSandboxes().some((other) => other.key === spec.key);
      if (taken) throw new Error(`a sandbox ${spec.key} is there already`);
      live.set(spec.key, null);
      try {
        return await make(spec);
      } catch (error) {
        live.delete(spec.key);
        throw error;
      }
    },
    createRefusal: () => {
      const memory = cgroups?.memory() ?? null;
      if (memory === null) return null;
      const { all, held } = memory;
      return all - held >= Math.min(LEAST_MEMORY, all / 2) ? null : MEMORY_HELD;
    },
    sweep: async () => {
      const keep = new Set([...live.keys(), ...pool.names(), ...(pythonPool?.names() ?? [])]);
      const groups = async () => [...((await cgroups?.sweep(keep)) ?? []), ...(await sweepMark(dir))];
      const swept = await sweepSandboxes(dir, groups, clock, keep);
      const abandoned = cgroups?.clearAbandoned() ?? 0;
      if (abandoned > 0) log.info({ abandoned }, 'removed the empty control groups of keepers that have ended');
      return swept;
    },
    sweepSlot: async (slot) => {
      const other = folderOf(slot);
      if (!existsSync(other)) return;
      await sweepSandboxes(other, () => sweepMark(other), clock, new Set());
      await removeFolder(other);
    },
    pool: resizePool,
    close: async () => {
      watch.stop();
      await Promise.all([pool.close(), pythonPool?.close()]);
      await Promise.all(liveSandboxes().map((sandbox) => sandbox.destroy(0)));
      await sessionNetwork.close();
      spawner?.close();
      cgroups?.close();
    },
  };
}

function openGroups(
  given: readonly Hierarchy[] | undefined,
  mark: string,
  otherMarks: readonly string[],
  clock: Clock,
  log: Logger,
): CgroupTree | null {
  try {
    const hierarchies = given ?? findHierarchies(ownGroupName(mark));
    return hierarchies.length > 0 ? openCgroupTree({ hierarchies, mark, otherMarks, clock }) : null;
  } catch (error) {
    log.warn({ error: String(error) }, 'control groups can not be used');
    return null;
  }
}

function limitsOf(level: IsolationLevel, cgroups: CgroupTree | null): SandboxLimits {
  const has = (controller: string) => cgroups?.controllers.has(controller) === true;
  return {
    cpu: has('cpu') ? 'hard' : 'none',
    memory: has('memory') ? 'hard' : 'watched',
    // Root's own processes are never counted against RLIMIT_NPROC, an ordinary user's are.
    pids: has('pids') || (level === 'user' && process.getuid?.() !== 0) ? 'hard' : 'watched',
    disk: 'watched',
  };
}
