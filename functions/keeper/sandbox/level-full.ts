import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#ports/clock.ts';
import type { Cgroup, CgroupTree } from './cgroup.ts';
import { makeFolders, removeFolder, sandboxFolders } from './folders.ts';
import { dropSteps, fullCreateSteps, fullTakeSteps, type SandboxFolders } from './full-plan.ts';
import { commonLimits } from './inside.ts';
import { type Launch, launch } from './launcher.ts';
import { planText, type Step } from './plan.ts';
import { type Held, namespacedSandbox } from './sandbox.ts';
import type { SandboxSpec } from './types.ts';
import { type HostView, hostResolvConf, mountsBelowShown, readHostView, viewStamp } from './view.ts';

export interface LevelContext {
  /** Where the sandboxes' folders lie. */
  readonly dir: string;
  readonly perl: string;
  readonly clock: Clock;
  readonly cgroups: CgroupTree | null;
  readonly ownNetwork: boolean;
  readonly details: (spec: SandboxSpec) => Readonly<Record<string, unknown>>;
  readonly gone: (name: string) => void;
}

/** A sandbox up to the point where only its name, limits and folders are missing. */
export interface Ready {
  readonly name: string;
  take(spec: SandboxSpec): Promise<Held>;
  discard(): Promise<void>;
}

export interface Level {
  /** Makes one under this name; `take` gives it to a session. `shape` may be known already (limits, network). */
  prepare(name: string, shape: SandboxSpec | null): Promise<Ready>;
}

/** What a ready sandbox may use before it is taken. */
const READY_LIMITS = { cpu_millis: 1000, memory_mb: 256, pids: 64 };

/** Root's level: one overlay of `/` with a layer that shows only what is allowed, and control groups. */
export function fullLevel(context: LevelContext): Level {
  const mountsBelow = mountsBelowShown();
  let view = readHostView();
  const currentView = (): HostView => {
    if (view.stamp !== viewStamp()) view = readHostView();
    return view;
  };

  const prepare = async (name: string, shape: SandboxSpec | null): Promise<Ready> => {
    const folders = sandboxFolders(join(context.dir, name));
    const ownNetwork = context.ownNetwork || shape?.network === 'none';
    makeFolders(folders);
    let group: Cgroup | null = null;
    let started: Launch | null = null;
    const discard = async () => {
      started?.process.kill('SIGKILL');
      await started?.gone;
      await group?.remove();
      await removeFolder(folders.dir);
      context.gone(name);
    };
    try {
      group = context.cgroups?.create(name, shape ?? READY_LIMITS) ?? null;
      started = launch(context.perl);
      started.feed(
        fullCreateSteps(folders, {
          view: currentView(),
          resolvConf: hostResolvConf(ownNetwork),
          mountsBelow,
          ownNetwork,
          joinFiles: group?.join_files ?? [],
          shmMb: shmMb(shape),
          extraLayer: null,
          volatileUpper: true,
        }),
      );
      await started.reached('waiting');
    } catch (error) {
      await discard();
      throw error;
    }
    const launched = started;
    return {
      name,
      discard,
      take: async (spec) => {
        try {
          if (spec !== shape) group?.limit(spec);
          const workspace = spec.workspace_dir ?? folders.workspace;
          launched.feed(fullTakeSteps(folders, spec, workspace, ownNetwork));
          await launched.reached('ready');
          return held(context, { spec, folders, launched, group, ownNetwork, name });
        } catch (error) {
          await discard();
          throw error;
        }
      },
    };
  };
  return { prepare };
}

const shmMb = (shape: SandboxSpec | null): number => Math.max(16, Math.floor((shape?.memory_mb ?? 128) / 2));

interface Parts {
  readonly spec: SandboxSpec;
  readonly folders: SandboxFolders;
  readonly launched: Launch;
  readonly group: Cgroup | null;
  readonly ownNetwork: boolean;
  readonly name: string;
}

function held(context: LevelContext, parts: Parts): Held {
  const { spec, folders, launched, group } = parts;
  const planFile = join(folders.dir, 'enter.plan');
  writeFileSync(planFile, planText(enterSteps(parts)), { mode: 0o600 });
  return namespacedSandbox({
    spec,
    folders,
    launch: launched,
    group,
    planFile,
    perl: context.perl,
    environment: { home: '/root', user: 'root', hostname: spec.key, venv: null },
    details: context.details(spec),
    clock: context.clock,
    gone: () => context.gone(parts.name),
  });
}

/** How a command gets in: the namespaces of process 1, its control groups, and none of the launcher's privileges. */
function enterSteps({ launched, group, ownNetwork }: Parts): readonly Step[] {
  const init = launched.init();
  const kinds = ['mnt', 'pid', 'uts', 'ipc', 'cgroup', ...(ownNetwork ? ['net'] : [])];
  return [
    ['pdeathsig'],
    ['target', init.pid, init.start, ...kinds],
    ['ns', 'pid'],
    ['fork'],
    ...(group?.join_files ?? []).map((file): Step => ['join', file]),
    ...kinds.filter((kind) => kind !== 'pid' && kind !== 'mnt').map((kind): Step => ['ns', kind]),
    ['ns', 'mnt'],
    ['session'],
    ...commonLimits(),
    ...dropSteps(ownNetwork),
    ['command'],
  ];
}
