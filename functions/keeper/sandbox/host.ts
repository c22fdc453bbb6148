import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import { type CgroupTree, openCgroupTree } from './cgroup.ts';
import { findHierarchies } from './cgroup-base.ts';
import { removeFolder } from './folders.ts';
import { type Level, type LevelContext, namespacedLevel } from './level.ts';
import { recipeFor } from './recipes.ts';
import { killMarked } from './marked.ts';
import { createPlain } from './plain.ts';
import type { Held } from './sandbox.ts';
import type { HostCapabilities, IsolationLevel, SandboxHost, SandboxLimits, SandboxSpec } from './types.ts';

export interface SandboxHostOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** `required`: `full` or `user`, never `none`; a level's name: that one or none. */
  readonly isolation: 'auto' | 'required' | IsolationLevel;
  readonly network: 'auto' | 'host' | 'none';
  /** Ready sandboxes kept in stock. */
  readonly poolSize: number;
}

/** @throws Error with a sentence for the operator when the wanted isolation can't be had here. */
export async function openSandboxHost(options: SandboxHostOptions): Promise<SandboxHost> {
  const { clock, log } = options;
  const dir = join(options.dataDir, 'sandboxes');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const folder = createHash('sha256').update(realpathSync(options.dataDir)).digest('hex').slice(0, 12);
  const groupName = `onmemos-${folder}`;
  const perl = findProgram('perl');
  const live = new Map<string, Held | null>();
  const cgroups = openGroups(groupName, clock, log);
  const network = options.network === 'none' ? 'none' : 'host';

  const contextFor = (level: IsolationLevel): LevelContext => ({
    dir,
    perl: perl ?? '',
    clock,
    cgroups: level === 'none' ? null : cgroups,
    ownNetwork: network === 'none',
    details: (spec) => detailsOf(capabilities, spec),
    gone: (name) => live.delete(name),
  });

  const refused: { level: IsolationLevel; why: string }[] = [];
  let chosen: { level: IsolationLevel; maker: Level | null } | null = null;
  for (const level of candidates(options.isolation)) {
    if (level === 'none') {
      chosen = { level, maker: null };
      break;
    }
    const why = await tryLevel(level, contextFor(level), perl, options.ids);
    if (typeof why !== 'string') {
      chosen = { level, maker: why };
      break;
    }
    refused.push({ level, why });
  }
  if (!chosen) {
    const reasons = refused.map(({ level, why }) => `${level}: ${why}`).join('; ');
    throw new Error(`no sandbox as strong as asked for can be made on this machine (${reasons})`);
  }
  const { level, maker } = chosen;
  const context = contextFor(level);
  const capabilities: HostCapabilities = {
    level,
    refused,
    limits: limitsOf(level, level === 'none' ? null : cgroups),
    network: level === 'none' ? 'host' : network,
    cpu_millis: availableParallelism() * 1000,
    memory_mb: Math.floor(totalmem() / 1024 / 1024),
  };

  const create = async (spec: SandboxSpec): Promise<Held> => {
    if (!/^[a-z0-9-]{1,63}$/.test(spec.key)) throw new Error(`the sandbox's key ${spec.key} is not a plain name`);
    if (live.has(spec.key)) throw new Error(`a sandbox ${spec.key} is there already`);
    live.set(spec.key, null);
    try {
      const held = maker
        ? await (await maker.prepare(spec.key, spec)).take(spec)
        : await createPlain(context, spec, `${folder}-${spec.key}`);
      live.set(spec.key, held);
      return held;
    } catch (error) {
      live.delete(spec.key);
      throw error;
    }
  };

  const sweep = async () => {
    const killed = (await cgroups?.sweep(new Set(live.keys()))) ?? [];
    const stale = readdirSync(dir).filter((name) => !live.has(name) && !name.startsWith('.'));
    for (const name of stale) {
      await killMarked(`${folder}-${name}`, () => clock.sleep(10));
      await removeFolder(join(dir, name));
    }
    return { removed: new Set([...killed, ...stale]).size };
  };

  return {
    capabilities,
    create,
    sweep,
    pool: () => undefined,
    close: async () => {
      await Promise.all([...live.values()].map((held) => held?.destroy(0)));
      cgroups?.close();
    },
  };
}

function candidates(isolation: SandboxHostOptions['isolation']): readonly IsolationLevel[] {
  if (isolation === 'auto') return ['full', 'user', 'none'];
  return isolation === 'required' ? ['full', 'user'] : [isolation];
}

/** Makes one and ends it: the only sure test of what a machine allows. */
async function tryLevel(
  level: 'full' | 'user',
  context: LevelContext,
  perl: string | null,
  ids: Ids,
): Promise<Level | string> {
  if (!perl) return 'perl is not installed, which enters the sandboxes';
  if (level === 'full' && process.getuid?.() !== 0) return 'it needs root';
  try {
    const maker = namespacedLevel(context, recipeFor(level, context.dir));
    const ready = await maker.prepare(ids.next('probe'), null);
    await ready.discard();
    return maker;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function openGroups(name: string, clock: Clock, log: Logger): CgroupTree | null {
  try {
    const hierarchies = findHierarchies(name);
    return hierarchies.length > 0 ? openCgroupTree(hierarchies, name, clock) : null;
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
    pids: has('pids') || level === 'user' ? 'hard' : 'watched',
    disk: 'watched',
  };
}

function detailsOf(capabilities: HostCapabilities, spec: SandboxSpec): Readonly<Record<string, unknown>> {
  return {
    isolation: capabilities.level,
    limits: capabilities.limits,
    network: capabilities.level !== 'none' && spec.network === 'none' ? 'none' : capabilities.network,
    workspace_path: '/workspace',
    image: 'host',
    driver: 'local',
    warnings: [],
  };
}

function findProgram(name: string): string | null {
  for (const dir of ['/usr/bin', '/bin', '/usr/local/bin', ...(process.env['PATH'] ?? '').split(':')]) {
    const path = join(dir, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return null;
}
