import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { LAUNCHER, launcherEnv } from './plan.ts';
import { processStat } from '#platform/process-stat.ts';
import { identify, type ProcessId, signalProcess } from '../process/proc.ts';

/** Which standard streams a launched process gets as pipes; the others lead nowhere. */
interface Streams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** A process that waits for its plan. It holds nothing but these pipes. */
interface Launched {
  /** Takes the plan, step by step. */
  readonly plan: Writable;
  /**
   * Lines: `pid <number>`, the plan's own words, `error <part> <errno> <sentence>`, `begun`, `exit <code> <signal>`; then the end. The
   * number is the command's own until this is closed.
   */
  readonly status: Readable;
  readonly stdin: Writable | null;
  /**
   * Descriptors of what it prints, now the caller's: to be read by `reader` in the turn of the event loop in which
   * somebody listens, as an end that nobody hears is not said again.
   */
  readonly stdout: number | null;
  readonly stderr: number | null;
  /** Kills the outer process, and with it everything that it started. */
  kill(): void;
  /** The process of this number, if it is a child of the outer one. */
  child(pid: number): ProcessId | null;
}

export interface Spawner {
  /** @throws Error when no process can be started. */
  start(streams: Streams): Promise<Launched>;
  close(): void;
}

interface Server {
  readonly process: ChildProcess;
  readonly waiting: Map<string, PromiseWithResolvers<readonly number[]>>;
}

/**
 * Starts processes from one that has the launcher loaded already and is small: a fork of this one copies the tables
 * of all its memory, and an interpreter that starts anew costs more than all that it does. Nothing of any session
 * passes through that process; each process that it starts reads its plan from a pipe of its own.
 */
export function openSpawner(perl: string): Spawner {
  let current: Server | null = null;
  let count = 0;

  const serve = (): Server => {
    const child = spawn(perl, [LAUNCHER, '='], {
      cwd: '/',
      env: launcherEnv(),
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const server: Server = { process: child, waiting: new Map() };
    let buffered = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (buffered + text).split('\n');
      buffered = lines.pop() ?? '';
      for (const line of lines) answer(server, line);
    });
    child.stdin.on('error', () => undefined);
    const lost = (): void => {
      if (current === server) current = null;
      const ended = new Error('the launcher of sandboxes has ended');
      for (const waiting of server.waiting.values()) waiting.reject(ended);
      server.waiting.clear();
    };
    child.once('exit', lost);
    child.once('error', lost);
    return server;
  };

  const answer = ({ waiting }: Server, line: string): void => {
    const [id = '', error = '', ...numbers] = line.split('\t');
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error) asked?.reject(new Error(`no more processes can be started on this machine (${error})`));
    else asked?.resolve(numbers.map(Number));
  };

  const start = async (streams: Streams): Promise<Launched> => {
    current ??= serve();
    const server = current;
    const { stdin } = server.process;
    const id = String(++count);
    const asked = Promise.withResolvers<readonly number[]>();
    server.waiting.set(id, asked);
    const wanted = [streams.stdin ? 'i' : '', streams.stdout ? 'o' : '', streams.stderr ? 'e' : ''].join('');
    stdin?.write(`start\t${id}\t${wanted}\n`);
    const [pid = 0, ...ends] = await asked.promise;
    const opened: number[] = [];
    try {
      const outer = identify(pid);
      const from = `/proc/${server.process.pid}/fd`;
      const [plan = -1, status = -1, input, output, errors] = ends;
      const open = (end: number | undefined, flags: number): number | null => {
        if (end === undefined || end < 0) return null;
        const fd = openSync(`${from}/${end}`, flags | constants.O_NONBLOCK);
        opened.push(fd);
        return fd;
      };
      const fds = {
        plan: open(plan, constants.O_WRONLY),
        status: open(status, constants.O_RDONLY),
        stdin: open(input, constants.O_WRONLY),
        stdout: open(output, constants.O_RDONLY),
        stderr: open(errors, constants.O_RDONLY),
      };
      if (fds.plan === null || fds.status === null) throw new Error('the launcher of sandboxes gave no pipes');
      return {
        plan: writer(fds.plan),
        status: reader(fds.status),
        stdin: fds.stdin === null ? null : writer(fds.stdin),
        stdout: fds.stdout,
        stderr: fds.stderr,
        kill: () => void (outer && signalProcess(outer, 'SIGKILL')),
        child: (number) => (outer && processStat(number)?.parent === outer.pid ? identify(number) : null),
      };
    } catch (error) {
      for (const fd of opened) closeSync(fd);
      throw error;
    } finally {
      stdin?.write(`taken\t${id}\n`);
    }
  };

  return {
    start,
    close: () => {
      current?.process.stdin?.end();
      current = null;
    },
  };
}

export const reader = (fd: number): Readable => new Socket({ fd, readable: true, writable: false });

const writer = (fd: number): Writable => {
  const socket = new Socket({ fd, readable: false, writable: true });
  // Whoever reads it may end before all is written.
  socket.on('error', () => undefined);
  return socket;
};

/** Calls back with each line of a launched process, and once when there are no more. */
export function statusLines(status: Readable, line: (word: string, rest: string) => void, over: () => void): void {
  let buffered = '';
  status.setEncoding('utf8').on('data', (text: string) => {
    const lines = (buffered + text).split('\n');
    buffered = lines.pop() ?? '';
    for (const each of lines) {
      const space = each.indexOf(' ');
      if (space < 0) line(each, '');
      else line(each.slice(0, space), each.slice(space + 1));
    }
  });
  status.once('error', () => status.destroy());
  status.once('close', over);
}
