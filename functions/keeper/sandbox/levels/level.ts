import { release } from 'node:os';
import { dirname, join } from 'node:path';
import type { Clock } from '#ports/clock.ts';
import type { Cgroup, CgroupTree } from '../cgroup/cgroup.ts';
import { makeFolders, removeFolder, type SandboxFolders, sandboxFolders } from '../disk/folders.ts';
import type { PlanOptions, LevelPlans } from './full-plan.ts';
import { type Launch, launch } from '../launch/launcher.ts';
import type { Link, Network } from '../network/network.ts';
import { hostResolvConf } from '../network/resolvers.ts';
import { planText } from '../launch/plan.ts';
import { VENV_PATH } from '../python/python.ts';
import { type LiveSandbox, namespacedSandbox } from '../sandbox.ts';
import type { Spawner } from '../launch/spawner.ts';
import type { SandboxSpec } from '../types.ts';

export interface LevelContext {
  /** Where the sandboxes' folders lie. */
  readonly dir: string;
  readonly perl: string | null;
  readonly spawner: Spawner | null;
  readonly clock: Clock;
  readonly cgroups: CgroupTree | null;
  readonly network: Network;
  readonly details: (spec: SandboxSpec) => Readonly<Record<string, unknown>>;
  readonly removed: (name: string) => void;
}

/** A sandbox that lacks only its session's name, limits and folders. */
export interface PreparedSandbox {
  readonly name: string;
  /** Gives it to a session. */
  assign(spec: SandboxSpec): Promise<LiveSandbox>;
  discard(): Promise<void>;
}

export interface Level {
  /** Makes one under this name; `assign` gives it to a session. `shape` may be known already (limits, network). */
  prepare(name: string, shape: SandboxSpec | null, venv: string | null): Promise<PreparedSandbox>;
}

/** What a ready sandbox may use before it is taken. */
const PREPARED_LIMITS = { cpu_millis: 1000, memory_mb: 256, pids: 64 };

/** A level of isolation by namespaces, by its plans. */
export function namespacedLevel(context: LevelContext, level: 'full' | 'user', plans: LevelPlans): Level {
  const prepare = async (name: string, shape: SandboxSpec | null, venv: string | null): Promise<PreparedSandbox> => {
    const folders = sandboxFolders(join(context.dir, name), level);
    const { kind } = context.network;
    const ownNetwork = kind !== 'host' || shape?.network === 'none';
    makeFolders(folders);
    let group: Cgroup | null = null;
    let started: Launch | null = null;
    let link: Link | null = null;
    const discard = async () => {
      started?.kill();
      await started?.ended;
      link?.close();
      await group?.remove();
      await removeFolder(folders.dir);
      context.removed(name);
    };
    try {
      group = context.cgroups?.create(name, shape ?? PREPARED_LIMITS) ?? null;
      if (kind === 'own' && shape?.network !== 'none') link = await context.network.link(level);
      const options: PlanOptions = {
        folders,
        resolvConf: link?.resolvConf ?? hostResolvConf(),
        ownNetwork,
        attach: link?.attach ?? null,
        joinFiles: group?.join_files ?? [],
        shownGroups: group?.shown ?? [],
        shmMb: Math.max(16, Math.floor((shape?.memory_mb ?? 128) / 2)),
        pids: shape?.pids ?? PREPARED_LIMITS.pids,
        pidMax: pidMax(context.cgroups, shape),
        venv,
        hostname: shape?.key ?? null,
      };
      if (!context.spawner) throw new Error('nothing can be started at this level');
      const { spawner } = context;
      const launched = await launch(spawner);
      started = launched;
      launched.feed(plans.create(options));
      await launched.reached('waiting');
      if (link) {
        const { connect, close } = link;
        void launched.ended.then(close);
        await connect(launched);
      }
      const place = group;
      return {
        name,
        discard,
        assign: async (spec) => {
          try {
            const own = { ...options, pids: spec.pids };
            if (spec !== shape) place?.limit(spec);
            place?.pin(spec.cpu_millis);
            launched.feed(plans.assign(own, spec, spec.workspace_dir ?? folders.workspace));
            const enterPlan = planText(plans.enter(own, launched.init()));
            await launched.reached('ready');
            // Its process 1 is the launcher until then, and no command may meet that.
            await launched.reached('begun');
            return namespacedSandbox({
              spec,
              folders,
              launch: launched,
              group: place,
              disk_dirs: countedDirs(folders, spec, venv),
              spawner,
              enterPlan,
              environment: { home: '/root', user: 'root', hostname: spec.key, venv: venv && VENV_PATH },
              details: context.details(spec),
              clock: context.clock,
              removed: () => context.removed(name),
            });
          } catch (error) {
            await discard();
            throw error;
          }
        },
      };
    } catch (error) {
      await discard();
      throw error;
    }
  };
  return { prepare };
}

/** Everything that the sandbox writes, and its logs. Volumes are measured on their own. */
function countedDirs(folders: SandboxFolders, spec: SandboxSpec, venv: string | null): readonly string[] {
  const dirs = [folders.upper, folders.logs];
  if (dirname(folders.root) === folders.dir) dirs.push(folders.root);
  if (venv) dirs.push(`${folders.upper}-venv`);
  if (!spec.workspace_dir) dirs.push(folders.workspace);
  return dirs;
}

/** The kernel takes no lower one. */
const LEAST_PID_MAX = 301;
const PREPARED_PID_MAX = 4096;

function pidMax(cgroups: CgroupTree | null, shape: SandboxSpec | null): number | null {
  if (cgroups?.controllers.has('pids') || !pidMaxIsOwn()) return null;
  return shape ? Math.max(LEAST_PID_MAX, shape.pids) : PREPARED_PID_MAX;
}

/** From Linux 6.14 on each process namespace has a highest number of its own; before, writing it moves the machine's. */
function pidMaxIsOwn(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 14);
}
