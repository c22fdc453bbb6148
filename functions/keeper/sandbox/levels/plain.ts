import { spawn } from 'node:child_process';
import { constants, mkdirSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { groupLives, REACH_ALL, reachAll, signalGroup, signalOf } from '../launch/enter.ts';
import { commandEnvironment, ownUserName, startFolder } from '../environment.ts';
import { makeFolders, removeFolder, sandboxFolders } from '../disk/folders.ts';
import { endWithGrace } from '../launch/end-with-grace.ts';
import type { LevelContext } from './level.ts';
import { killMarked, MARK, markedProcesses } from '../process/marked.ts';
import { plainVenv } from '../python/python.ts';
import { processStat } from '#platform/process-stat.ts';
import type { CommandProcesses } from '../process/command-processes.ts';
import { numberedProcesses, sandboxNumbers } from '../process/numbered.ts';
import { allPids, identify, type ProcessId, signalProcess } from '../process/proc.ts';
import { type End, type LiveSandbox, residentBytes, toMb } from '../sandbox.ts';
import { CannotRun } from '../launch/cannot-run.ts';
import { assertRunnable } from '../launch/runnable.ts';
import { openTerminal } from '../launch/terminal.ts';
import { diskUsageMb } from '../disk/usage.ts';
import type { Spawned, SpawnSpec, SandboxSpec } from '../types.ts';

/**
 * Joins the shell's descriptors where one stream is asked for, sets what limits a shell can (the command's number by the
 * letter that this shell has for it), becomes the command. The keeper hides its own files from other users; a command gets the umask of a login shell, as at the other levels.
 */
const NUMBER = '{ ulimit -w "$1" || ulimit -x "$1"; } 2>/dev/null; shift;';
const SHELL = `umask 022; ulimit -c 0; ${NUMBER} exec "$@"`;
const SHELL_MERGED = `exec 2>&1; ${SHELL}`;

/** Plain processes, each command in a session of its own. Nothing is hidden from them and little is limited. */
export async function createPlain(
  context: LevelContext,
  spec: SandboxSpec,
  mark: string,
  python: boolean,
): Promise<LiveSandbox> {
  const folders = sandboxFolders(join(context.dir, spec.key), 'none');
  makeFolders(folders);
  const workspace = spec.workspace_dir ?? folders.workspace;
  const tmp = join(folders.dir, 'tmp');
  mkdirSync(tmp);
  const venv = python ? join(folders.dir, 'venv') : null;
  if (venv) await plainVenv(context.dir, venv);
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<End>();
  const pids = () => [...new Set([...markedProcesses(mark).map((id) => id.pid), ...all.pids()])];
  let endCause: End | null = null;
  const numbers = sandboxNumbers();
  /** Finds what has shed its environment, session and parent, too. */
  const all = numberedProcesses(numbers.has, allPids, context.clock);
  const pause = () => context.clock.sleep(10);
  const environment = { home: workspace, user: ownUserName(), hostname: null, venv };

  const start = async (request: SpawnSpec): Promise<Spawned> => {
    if (endCause) throw new Error('this sandbox is gone');
    const env: Record<string, string> = { ...commandEnvironment(environment, request), TMPDIR: tmp, [MARK]: mark };
    const folder = startFolder(workspace, request.cwd);
    await access(folder, constants.X_OK).catch(({ errno = 0 }: NodeJS.ErrnoException) => {
      throw new CannotRun('folder', -errno, `the folder ${folder} can’t be entered`);
    });
    await assertRunnable(request.argv[0] ?? '', folder, env['PATH'] ?? '');
    const script = request.merge ? SHELL_MERGED : SHELL;
    const number = numbers.next();
    const processesFrom = (first: ProcessId | null) =>
      numberedProcesses((carried) => carried === number, allPids, context.clock, first);
    const shell = { args: ['-c', script, 'sh', String(number), ...request.argv], cwd: folder, env };
    return request.tty ? onTerminal(shell, request.tty, processesFrom) : onPipes(shell, request, processesFrom);
  };

  const destroy = endWithGrace(context.clock, async (graceOver) => {
    endCause ??= { reason: 'destroyed', message: 'The session was ended.' };
    if (!graceOver()) for (const id of markedProcesses(mark)) signalProcess(id, 'SIGTERM');
    while (!graceOver() && pids().length > 0) await context.clock.sleep(20);
    await all.kill();
    await killMarked(mark, pause);
    await removeFolder(folders.dir);
    resolveEnded(endCause);
    context.removed(spec.key);
  });

  return {
    key: spec.key,
    session_id: spec.session_id,
    spec,
    started_at: context.clock.now(),
    log_dir: folders.logs,
    details: { ...context.details(spec), workspace_path: workspace },
    disk_dirs: [folders.logs, tmp, ...(spec.workspace_dir ? [] : [folders.workspace])],
    pids,
    spawn: start,
    usage: async () => {
      const members = pids();
      return {
        cpu_ms: members.reduce((sum, pid) => sum + (processStat(pid)?.cpu_ticks ?? 0), 0) * 10,
        memory_mb: toMb(residentBytes(members)),
        memory_limit_mb: spec.memory_mb,
        disk_mb: await diskUsageMb([folders.logs, tmp, ...(spec.workspace_dir ? [] : [folders.workspace])]),
        processes: members.length,
      };
    },
    ended,
    end: (end) => {
      endCause ??= end;
      // What could not be killed now is killed when it is destroyed, which is tried again and again.
      const told = () => resolveEnded(end);
      void all
        .kill()
        .then(() => killMarked(mark, pause))
        .then(told, told);
    },
    destroy,
  };
}

/** The shell that becomes the command. It starts in the command's folder: `cd` would leave OLDPWD. */
interface Shell {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
}

/** All processes of a command, from its first one. */
type ProcessesFrom = (first: ProcessId | null) => CommandProcesses;

async function onPipes({ args, cwd, env }: Shell, request: SpawnSpec, processesFrom: ProcessesFrom): Promise<Spawned> {
  const child = spawn('/bin/sh', args, {
    cwd,
    env,
    detached: true,
    stdio: [request.stdin ? 'pipe' : 'ignore', 'pipe', request.merge ? 'ignore' : 'pipe'],
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 125, signal: null }));
  });
  const leader = identify(child.pid ?? 0);
  const processes = processesFrom(leader);
  const reach = reachAll(processes);
  const { stdin, stdout, stderr } = child as {
    stdin: Spawned['stdin'];
    stdout: Readable | null;
    stderr: Readable | null;
  };
  stdin?.on('error', () => undefined);
  if (!stdout || !leader) throw new Error('no more processes can be started on this machine');
  return {
    stdin,
    stdout,
    stderr,
    signal: async (name) => (REACH_ALL.has(name) ? reach(name) : signalGroup(leader, name, processes.pids)),
    reach,
    lingers: () => groupLives(leader, processes.pids),
    release: processes.release,
    resize: () => undefined,
    exited,
  };
}

async function onTerminal(
  { args, cwd, env }: Shell,
  size: { readonly cols: number; readonly rows: number },
  processesFrom: ProcessesFrom,
): Promise<Spawned> {
  const terminal = await openTerminal('/bin/sh', args, { ...size, cwd, env });
  const leader = identify(terminal.pid);
  const processes = processesFrom(leader);
  const reach = reachAll(processes);
  return {
    stdin: terminal.input,
    stdout: terminal.output,
    stderr: null,
    signal: async (name) => {
      if (REACH_ALL.has(name)) return reach(name);
      return leader !== null && signalGroup(leader, name, processes.pids);
    },
    reach,
    lingers: () => false,
    release: processes.release,
    resize: terminal.resize,
    exited: terminal.exited.then(({ code, signal }) => ({ code, signal: signalOf(signal) })),
  };
}
