import type { Exec, ExecStart, OnMemOSClient } from 'onmemos';
import { CliError } from '../errors.ts';
import { asStartFailure } from '../command-line.ts';
import { DETACHED, type Ended, type JoinOptions, join } from './join.ts';
import { printWarnings } from './warnings.ts';
import { terminalSize } from './terminal.ts';

export interface StartOptions extends Omit<JoinOptions, 'input' | 'client' | 'endsWithUs'> {
  readonly tty: boolean;
  /** Whether our stdin becomes the command's: always, never, or (undefined) unless it is a terminal and the command has none. */
  readonly input?: boolean | undefined;
  readonly onStarted?: (exec: Exec) => void;
}

const TERMINAL_ENV = ['TERM', 'COLORTERM'] as const;

/** A program in the session's terminal must draw for our terminal. */
const terminalEnv = (): Record<string, string> =>
  Object.fromEntries(
    TERMINAL_ENV.flatMap((name) => {
      const value = process.env[name];
      return value ? [[name, value]] : [];
    }),
  );

/** Starts a command in a session and joins it. @throws Interrupted, and CliError 126 or 127 if it can't be started */
export const startJoined = async (
  client: OnMemOSClient,
  session_id: string,
  { command, argv, ...body }: ExecStart,
  options: StartOptions,
): Promise<Ended | typeof DETACHED> => {
  const { tty, interrupts, onStarted } = options;
  // What a person types at our terminal is not input for a command without a terminal.
  const input = options.input ?? (tty || process.stdin.isTTY !== true);
  const { signal } = interrupts;
  const session = await client.sessions.get(session_id, { signal });
  printWarnings(session);
  // Where a signal comes before the answer, the SDK ends what was started.
  const starting = session.start(command ?? argv ?? [], {
    ...body,
    signal,
    hold: true,
    stdin: input,
    ...(tty ? { tty: terminalSize(), env: { ...terminalEnv(), ...body.env } } : {}),
  });
  const started = await starting.catch((error: unknown) => {
    throw asStartFailure(error);
  });
  onStarted?.(started.exec);
  return join(started, { ...options, client, endsWithUs: true, input });
};

/** As {@link startJoined}, for a command from which the person can't disconnect. */
export const startToItsEnd = async (...given: Parameters<typeof startJoined>): Promise<Ended> => {
  const exec = await startJoined(...given);
  if (exec === DETACHED) throw new CliError('Disconnected from the command; it keeps running.');
  return exec;
};
