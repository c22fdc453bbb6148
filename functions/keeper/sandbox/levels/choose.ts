import type { Ids } from '#ports/ids.ts';
import { type Level, type LevelContext, namespacedLevel } from './level.ts';
import { NetworkUnavailable } from '../network/choose.ts';
import { withoutNetwork } from '../network/network.ts';
import { plansFor } from './level-plans.ts';
import { bareSpec, type HostCapabilities, type IsolationLevel } from '../types.ts';

export interface Choice {
  readonly level: IsolationLevel;
  /** null at `none`. */
  readonly maker: Level | null;
  readonly refused: HostCapabilities['refused'];
  /** Why sandboxes can't have a network of their own, although it was wanted; null where they can, or it wasn't. */
  readonly networkProblem: string | null;
}

/**
 * The strongest level that works here, found by making a sandbox and ending it. A network that can't be made takes away
 * the network, never the level.
 * @throws Error with the reasons, and what to do, when none of the allowed levels works.
 */
export async function chooseLevel(
  wanted: 'auto' | 'required' | IsolationLevel,
  context: LevelContext,
  ids: Ids,
): Promise<Choice> {
  const refused: { level: IsolationLevel; why: string }[] = [];
  for (const level of candidates(wanted)) {
    if (level === 'none') return { level, maker: null, refused, networkProblem: null };
    const result = await tryLevel(level, context, ids);
    if (typeof result !== 'string') return { level, refused, ...result };
    refused.push({ level, why: result });
  }
  const reasons = refused.map(({ level, why }) => `${level}: ${why}`).join('; ');
  const advice = context.perl ? wayOut(wanted) : 'Install perl: apt-get install perl-base.';
  throw new Error(`This machine can’t isolate sessions (${reasons}). ${advice}`);
}

/**
 * Below `full`, commands have the rights that the server's user has outside. Root's could do anything to the machine: no
 * weaker level is chosen for root, and `none` only on request.
 */
function candidates(wanted: 'auto' | 'required' | IsolationLevel): readonly IsolationLevel[] {
  if (wanted !== 'auto' && wanted !== 'required') return [wanted];
  if (isRoot()) return ['full'];
  return wanted === 'auto' ? ['full', 'user', 'none'] : ['full', 'user'];
}

function wayOut(wanted: 'auto' | 'required' | IsolationLevel): string {
  if (!isRoot()) return 'Allow user namespaces, start the server as root, or set ONMEMOS_ISOLATION=auto.';
  return (
    'In a container, allow namespaces and mounts, such as by docker run --privileged. Or start the server as another ' +
    `user than root${wanted === 'auto' ? ', or set ONMEMOS_ISOLATION=none: then every command runs as root, with all files of this machine' : ''}.`
  );
}

const isRoot = (): boolean => process.getuid?.() === 0;

type Tried = Pick<Choice, 'networkProblem'> & { readonly maker: Level };

async function tryLevel(level: 'full' | 'user', context: LevelContext, ids: Ids): Promise<Tried | string> {
  if (!context.perl) return 'perl, which starts the sandboxes, is not installed';
  if (level === 'full' && !isRoot()) return 'it needs root';
  if (process.arch !== 'x64' && process.arch !== 'arm64') return `the processor ${process.arch} is not supported`;
  try {
    const plans = plansFor(level, context.dir);
    // The details that sessions get depend on the level, which is not chosen yet.
    await probe(namespacedLevel({ ...context, details: () => ({}) }, level, plans), ids.next('probe'));
    return { maker: namespacedLevel(context, level, plans), networkProblem: null };
  } catch (error) {
    if (!(error instanceof NetworkUnavailable)) return reason(error instanceof Error ? error.message : String(error));
    const without = await tryLevel(level, { ...context, network: withoutNetwork }, ids);
    return typeof without === 'string' ? without : { ...without, networkProblem: error.message };
  }
}

/** A launcher names the system call and its numbers. */
const reason = (message: string): string =>
  message.replace(/^unshare \d+ *: (.*)/, 'the system does not allow namespaces here ($1)');

/** Makes a sandbox, runs a command in it as a session would, and ends it. @throws Error saying what does not work */
async function probe(maker: Level, name: string): Promise<void> {
  const sandbox = await (await maker.prepare(name, null, null)).assign(bareSpec(name));
  try {
    const argv = ['/bin/sh', '-c', 'exit 0'];
    const run = await sandbox.spawn({ argv, cwd: null, env: {}, tty: null, merge: true, stdin: false });
    let said = '';
    run.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const { code, signal } = await run.exited;
    if (code !== 0) throw new Error(`a command can’t run in it: ${said.trim() || signal || `exit code ${code}`}`);
  } finally {
    await sandbox.destroy(0);
  }
}
