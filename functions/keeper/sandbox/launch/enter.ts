import { closeSync } from 'node:fs';
import { signalName } from '#platform/signals.ts';
import type { CommandProcesses } from '../process/command-processes.ts';
import { complaintOf } from './cannot-run.ts';
import { planText, type Step } from './plan.ts';
import { processStat } from '#platform/process-stat.ts';
import { isAlive, type ProcessId, sendSignal } from '../process/proc.ts';
import { reader, type Spawner, statusLines } from './spawner.ts';
import { typing } from './typing.ts';
import type { Spawned, SpawnSpec } from '../types.ts';

export interface EnterOptions {
  readonly spawner: Spawner;
  /** The plan that leads into the sandbox. */
  readonly plan: string;
  /** What the launcher does for this one command before the plan. */
  readonly first: readonly Step[];
  readonly processes: CommandProcesses;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a command inside a sandbox. @throws Error when it can't be started; the message is for the user. */
export async function enter(options: EnterOptions, spec: SpawnSpec): Promise<Spawned> {
  const { tty } = spec;
  const launched = await options.spawner.start({
    stdin: spec.stdin || tty !== null,
    stdout: true,
    stderr: !spec.merge && tty === null,
  });
  const begun = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<{ code: number | null; signal: string | null }>();
  let leader: ProcessId | null = null;
  let ended = false;
  statusLines(
    launched.status,
    (word, rest) => {
      if (word === 'pid') leader ??= launched.child(Number(rest));
      else if (word === 'error') begun.reject(complaintOf(rest));
      else if (word === 'begun') begun.resolve();
      else if (word === 'exit') {
        const [code, number] = rest.split(' ').map(Number);
        const signal = signalOf(number ?? 0);
        exited.resolve({ code: signal ? null : (code ?? null), signal });
        // Its number may now become another's.
        ended = true;
        launched.status.destroy();
      }
    },
    () => {
      begun.reject(new Error('the command was ended before it began (the sandbox is gone)'));
      // The waiter was killed, and the command with it.
      exited.resolve({ code: null, signal: 'SIGKILL' });
    },
  );
  launched.plan.end(planText([runStep(options, spec), ...sizeStep(spec), ...options.first]) + options.plan);
  const { stdout, stderr } = launched;
  const typed = tty && launched.stdin ? typing(launched.stdin) : null;
  const stdin = typed?.input ?? launched.stdin;
  const reach = reachAll(options.processes);
  try {
    await begun.promise;
    if (stdout === null) throw new Error('the command has no output');
  } catch (error) {
    stdin?.destroy();
    for (const fd of [stdout, stderr]) if (fd !== null) closeSync(fd);
    throw error;
  }
  return {
    stdin,
    stdout: reader(stdout),
    stderr: stderr === null ? null : reader(stderr),
    signal: async (name) =>
      REACH_ALL.has(name)
        ? reach(name)
        : leader !== null && !ended && signalGroup(leader, name, options.processes.pids),
    reach,
    // What is left behind has no terminal any more.
    lingers: () => tty === null && leader !== null && groupLives(leader, options.processes.pids),
    release: options.processes.release,
    resize: (cols, rows) => typed?.resize(cols, rows),
    exited: exited.promise,
  };
}

/** What the plan's last step starts. */
function runStep({ cwd, env }: EnterOptions, { merge, argv }: SpawnSpec): Step {
  const variables = Object.entries(env);
  return ['run', cwd, merge ? 'm' : '', variables.length, ...variables.flat(), ...argv];
}

const sizeStep = ({ tty }: SpawnSpec): readonly Step[] => (tty ? [['size', tty.cols, tty.rows]] : []);

/** The signals that end a command; all others are for its foreground alone, as a terminal's are. */
export const REACH_ALL: ReadonlySet<string> = new Set(['KILL', 'TERM', 'PIPE']);

/** Holds nothing of the command but how its processes are found. */
export const reachAll =
  (processes: CommandProcesses): Spawned['reach'] =>
  (name) =>
    name === 'KILL' ? processes.kill() : processes.signal(name);

/**
 * To the whole group. Once its leader has ended, its number may be another's: then every process of the sandbox
 * that still belongs to the group is signalled by itself.
 */
export function signalGroup(leader: ProcessId, name: string, pids: () => readonly number[]): boolean {
  const signal = `SIG${name}` as NodeJS.Signals;
  if (isAlive(leader)) return sendSignal(-leader.pid, signal);
  const members = pids().filter((pid) => processStat(pid)?.group === leader.pid);
  return members.map((pid) => sendSignal(pid, signal)).some(Boolean);
}

/** Whether a process of the group lives; its leader's number may be another's by now. */
export const groupLives = (leader: ProcessId, pids: () => readonly number[]): boolean =>
  pids().some((pid) => {
    const stat = processStat(pid);
    return stat?.group === leader.pid && stat.state !== 'Z';
  });

/** As Node names the signal that ended a child; null where none did. */
export const signalOf = (number: number): string | null => (number === 0 ? null : `SIG${signalName(number)}`);
