import { ownCommand } from '../ending/commands.ts';
import { CommandFailed, CommandTimeout, Conflict, OnMemOSError, OutputGap } from '../errors.ts';
import type { ExecKit } from '../kit.ts';
import type { CallOptions } from '../options.ts';
import type { Exec, Execute, ExecStart, ExecuteResult } from '../types.ts';
import { Collected } from './collected.ts';
import { Process, readerName } from './process.ts';

/** The output of a command, at most 8 MiB of each stream, and how it ended. */
export type RunResult = ExecuteResult;

/**
 * Options of `run`. If the call is aborted, or a callback throws, the command is ended: it gets PIPE, TERM 2 s later and
 * KILL 5 s after that.
 */
export interface RunOptions extends CallOptions {
  /** The folder to start in (default: /workspace). A relative path is below it. */
  readonly cwd?: string | undefined;
  /** The shell of a command line: `sh` (default) or `bash`. */
  readonly shell?: 'sh' | 'bash' | undefined;
  /** Environment variables in addition to the session's. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Seconds after which the command is ended (default: no limit but the session's end). */
  readonly timeout?: number | null | undefined;
  /** The contents of stdin (default: empty). */
  readonly input?: string | Uint8Array | undefined;
  /** Called with each piece of stdout when it is printed. */
  readonly onStdout?: ((data: Uint8Array) => void) | undefined;
  /** Called with each piece of stderr when it is printed. */
  readonly onStderr?: ((data: Uint8Array) => void) | undefined;
  /** Throw an error if the return code is not 0 (default: false). */
  readonly check?: boolean | undefined;
}

/** The longest timeout that one held call takes. */
const LONGEST_HELD_S = 3000;

/** Runs a command to its end, by one held call where that can do it, else by following its output. */
export const runCommand = async (
  kit: ExecKit,
  session_id: string,
  command: string | readonly string[],
  options: RunOptions,
): Promise<RunResult> => {
  const result = canBeHeld(command, options)
    ? await kit.execs.execute(session_id, heldBody(command, options), options)
    : await followed(kit, session_id, command, options);
  if (options.check !== true || result.success) return result;
  throw result.timed_out ? new CommandTimeout(result) : new CommandFailed(result);
};

const canBeHeld = (command: string | readonly string[], options: RunOptions): command is string => {
  const seconds = options.timeout ?? Number.POSITIVE_INFINITY;
  const streams = options.input !== undefined || options.onStdout !== undefined || options.onStderr !== undefined;
  return typeof command === 'string' && !streams && seconds <= LONGEST_HELD_S;
};

const heldBody = (command: string, { cwd, env, shell, timeout }: RunOptions): Execute => ({
  command,
  ...(shell === undefined ? {} : { shell }),
  ...(timeout === undefined || timeout === null ? {} : { timeout }),
  ...(cwd === undefined ? {} : { cwd }),
  ...(env === undefined ? {} : { env }),
});

const startBody = (command: string | readonly string[], options: RunOptions): ExecStart => ({
  ...(typeof command === 'string' ? { command } : { argv: [...command] }),
  timeout: options.timeout ?? null,
  stdin: options.input !== undefined,
  when_full: 'hold',
  ...(options.shell === undefined ? {} : { shell: options.shell }),
  ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  ...(options.env === undefined ? {} : { env: options.env }),
});

const followed = async (
  kit: ExecKit,
  session_id: string,
  command: string | readonly string[],
  options: RunOptions,
): Promise<RunResult> => {
  const body = startBody(command, options);
  return ownCommand(
    kit.transport,
    session_id,
    {},
    options,
    (exec_id) => startedAndFollowed(kit, session_id, { ...body, exec_id }, options),
    // A callback that threw, or a gap that it can't be told: no reader of the command's output is left.
    (error) => error instanceof OutputGap || !(error instanceof OnMemOSError),
  );
};

const startedAndFollowed = async (
  kit: ExecKit,
  session_id: string,
  body: ExecStart,
  options: RunOptions,
): Promise<RunResult> => {
  const process = new Process(kit, await kit.execs.start(session_id, body, options));
  const { timeoutMs, maxRetries, input } = options;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const call = { signal, timeoutMs, maxRetries };
  try {
    const feeding = input === undefined ? null : feed(process, input, call);
    const [[exec, collected]] = await Promise.all([gather(kit, process, options, call), feeding]);
    return collected.result(exec);
  } finally {
    // Where one of the two has failed, the other would go on for as long as the command.
    stop.abort();
  }
};

const gather = async (
  kit: ExecKit,
  { session_id, exec_id }: Process,
  { onStdout, onStderr }: RunOptions,
  call: CallOptions,
): Promise<[Exec, Collected]> => {
  const collected = new Collected();
  for await (const event of kit.execs.output(session_id, exec_id, { ...call, hold: readerName() })) {
    if (event.type === 'exit') return [event.exec, collected];
    if (event.type === 'gap') {
      // Whoever is told piece by piece would join what lies before it to what lies behind.
      if (onStdout || onStderr) throw new OutputGap(event.from, event.to);
      collected.dropped = true;
    } else {
      collected.add(event);
      (event.stream === 'stdout' ? onStdout : onStderr)?.(event.data);
    }
  }
  return [await kit.execs.get(session_id, exec_id, call), collected];
};

/** Gives a command its input and closes its stdin. A command that does not read to the end is no error. */
const feed = async (process: Process, input: string | Uint8Array, call: CallOptions): Promise<void> => {
  try {
    await process.write(input, call);
    await process.closeStdin(call);
  } catch (error) {
    if (error instanceof Conflict) return;
    // It would wait for the rest of its input for ever.
    if (!call.signal?.aborted) await process.kill(call).catch(() => undefined);
    throw error;
  }
};
