import { join } from 'node:path';
import { MAX_EXECS, MAX_OPEN_READS, MAX_RUNNING_EXECS } from '#platform/protocol/bounds.ts';
import type { Clock } from '#ports/clock.ts';
import { type Deadline, type ExecChannel, ExecError, type ExecStart, type ExecState, type Usage } from '#ports/exec.ts';
import type { Logger } from '#ports/logger.ts';
import type { OpenFiles } from '../open-files.ts';
import { CannotRun } from '../sandbox/launch/cannot-run.ts';
import type { Sandbox } from '../sandbox/types.ts';
import { Exec } from './exec.ts';
import { ExecLog } from './exec-log.ts';

const SIGNALS: ReadonlySet<string> = new Set('TERM KILL PIPE INT HUP QUIT USR1 USR2 STOP CONT WINCH'.split(' '));

export interface SessionExecsOptions {
  readonly sandbox: Pick<Sandbox, 'spawn' | 'log_dir'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a command waits at a full log for a reader that is not there, milliseconds. */
  readonly hold_wait_ms: number;
  /** The keeper's own. */
  readonly files: OpenFiles;
  /** How many commands may be started in all; MAX_EXECS unless given. */
  readonly most_execs?: number;
  /** Moves the session's deadline. */
  readonly deadline: (deadline: Deadline) => Promise<void>;
  /** Measures the whole session. */
  readonly usage: () => Promise<Usage>;
  /** The sandbox is being taken down: a command that can't begin any more is not at fault. */
  readonly ending: () => boolean;
}

/** All execs of one session: the exec contract on the side that runs the commands. */
export interface SessionExecs extends ExecChannel {
  /** Ends what runs and deletes every log. Calls after it are refused. */
  end(): Promise<void>;
}

export const sessionExecs = (options: SessionExecsOptions): SessionExecs => {
  const execs = new Map<string, Promise<Exec>>();
  const logs: ExecLog[] = [];
  /** Those for which the keeper has descriptors, and a process that waits: started, and their output may still come. */
  const held = new Set<Held>();
  let reads = 0;
  let over = false;

  const bounded = async (start: ExecStart): Promise<Exec> => {
    const { most_execs = MAX_EXECS } = options;
    // This one is not among them yet.
    if (execs.size >= most_execs) {
      throw new ExecError('too_many', `A session has at most ${most_execs} commands. Go on in a new session.`);
    }
    if (held.size >= MAX_RUNNING_EXECS) throw new ExecError('too_many', tooMany(held));
    const give = options.files.take('command', held.size);
    const one: Held = { exec: null };
    held.add(one);
    const drained = (): void => {
      held.delete(one);
      give();
    };
    const begun = begin(start);
    begun.then((exec) => {
      one.exec = exec;
      void exec.drained.then(drained);
    }, drained);
    return begun;
  };

  const begin = async (start: ExecStart): Promise<Exec> => {
    const spawned = await options.sandbox.spawn({
      argv: start.argv ?? ['/bin/sh', '-c', start.command ?? ''],
      cwd: start.cwd ?? null,
      env: start.env ?? {},
      tty: start.tty ?? null,
      merge: start.merge ?? false,
      stdin: start.stdin ?? false,
    });
    const log = new ExecLog({
      path: join(options.sandbox.log_dir, String(logs.length + 1)),
      limit_bytes: start.log_limit_mb * 1024 * 1024,
      clock: options.clock,
      ...(start.when_full === 'hold' ? { hold: { wait_ms: options.hold_wait_ms } } : {}),
      failed: (error) => options.log.warn({ exec_id: start.exec_id, error }, 'output could not be kept'),
    });
    logs.push(log);
    const exec = new Exec(start, spawned, log, options.clock);
    if (over) await exec.kill();
    return exec;
  };

  const find = async (exec_id: string): Promise<Exec> => {
    const exec = await execs.get(exec_id);
    if (!exec) throw new ExecError('no_such_exec', `there is no exec ${exec_id}`);
    return exec;
  };

  const start = async (exec: ExecStart): Promise<ExecState> => {
    if (over) throw new ExecError('no_such_session', 'the session has ended');
    let started = execs.get(exec.exec_id);
    if (!started) {
      started = bounded(exec);
      execs.set(exec.exec_id, started);
    }
    try {
      return (await started).state();
    } catch (error) {
      // Nothing ran: the same id may be tried again.
      if (execs.get(exec.exec_id) === started) execs.delete(exec.exec_id);
      if (over || options.ending()) throw new ExecError('no_such_session', 'the session has ended');
      if (error instanceof ExecError) throw error;
      if (!(error instanceof CannotRun)) throw new ExecError('exhausted', messageOf(error));
      const program = exec.argv === undefined ? 'command' : 'argv';
      const field = error.part === 'folder' ? 'cwd' : program;
      throw new ExecError('spawn_failed', error.message, { field, exit_code: error.exit_code });
    }
  };

  return {
    start,
    get: async (exec_id) => (await execs.get(exec_id)?.catch(() => null))?.state() ?? null,
    list: async () => {
      const settled = await Promise.allSettled(execs.values());
      return settled.flatMap((exec) => (exec.status === 'fulfilled' ? [exec.value.state()] : []));
    },
    async *read(exec_id, from, readOptions) {
      const exec = await find(exec_id);
      if (reads >= MAX_OPEN_READS) throw new ExecError('too_many', TOO_MANY_READS);
      reads++;
      try {
        yield* exec.read(from, readOptions);
      } finally {
        reads--;
      }
    },
    offsetAt: async (exec_id, time) => (await find(exec_id)).offsetAt(time),
    wait: async (exec_id, signal) => (await find(exec_id)).wait(signal),
    stdin: async (exec_id, offset, data, eof) => (await find(exec_id)).stdin(offset, data, eof),
    signal: async (exec_id, signal) => {
      if (!SIGNALS.has(signal)) throw new ExecError('invalid', `signal must be one of ${[...SIGNALS].join(', ')}`);
      return (await find(exec_id)).signal(signal);
    },
    resize: async (exec_id, cols, rows) => (await find(exec_id)).resize(cols, rows),
    deadline: options.deadline,
    usage: options.usage,
    close: () => {},
    end: async () => {
      over = true;
      await Promise.allSettled([...execs.values()].map(async (exec) => (await exec).kill()));
      await Promise.allSettled(logs.map((log) => log.remove()));
    },
  };
};

const TOO_MANY_READS = `At most ${MAX_OPEN_READS} readers follow the output of a session at once. Close one of them, then try again.`;

/** A command for which the keeper has descriptors. */
interface Held {
  /** null while it is being started. */
  exec: Exec | null;
}

/** Why no further command can be started, and what to do. Those that have ended are told of, as they are easily overlooked. */
const tooMany = (held: ReadonlySet<Held>): string => {
  const bound = `At most ${MAX_RUNNING_EXECS} commands run in a session at once.`;
  const states = [...held].flatMap(({ exec }) => exec?.state() ?? []);
  const [left, ...others] = states.filter(({ ended_at }) => ended_at !== null);
  if (!left) return `${bound} Wait for one to end, or end one, then try again.`;
  const count = others.length + 1;
  return (
    `${bound} ${count} of them ${count === 1 ? 'has' : 'have'} ended, but processes that ${count === 1 ? 'it' : 'they'} ` +
    `left still hold the output. Send KILL to such a command, for example ${left.exec_id}: that ends what it left. ` +
    'What is to go on needs an output of its own, such as a file.'
  );
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
