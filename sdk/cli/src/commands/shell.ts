import type { Command } from 'commander';
import type { ExecStart } from 'onmemos';
import { Interrupts } from '../bridge/interrupts.ts';
import { startJoined } from '../bridge/start.ts';
import { DETACHED } from '../bridge/join.ts';
import { type Connection, connect } from '../connect.ts';
import { endedBy } from '../ended-by.ts';
import { usageError } from '../errors.ts';
import { findLiveSession } from '../find.ts';
import { SESSION_HELP, withTarget } from '../options.ts';
import { ownSession, sayStage } from '../own-session.ts';
import { namedBody } from '../provider.ts';
import { envOf, type SessionOptions, withSessionOptions } from '../session-options.ts';
import type { TargetOptions } from '../target/resolve.ts';
import { MODES_BACK } from '../screen/modes.ts';
import { note } from '../ui/output.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends SessionOptions, TargetOptions {
  readonly keep?: boolean;
  readonly quiet?: boolean;
}

const SHELL = 'command -v bash >/dev/null 2>&1 && exec bash -l || exec sh -l';

const DETAILS = `
Without SESSION, creates a session and ends it with the shell. A broken connection is resumed, and nothing is lost. Ctrl-] disconnects
and leaves the shell running; \`onmemos attach SESSION\` connects to it again.`;

export const define = (command: Command): void => {
  withTarget(withSessionOptions(command.argument('[session]', SESSION_HELP)))
    .option('--keep', 'keep the session that was created for it')
    .option('-q, --quiet', 'do not print time and cost')
    .addHelpText('after', wrap(DETAILS))
    .action(shell);
};

/** Options of the command itself, and not of a session that is made for it. */
const OF_EACH = new Set(['url', 'profile', 'env', 'envFile', 'quiet']);

/** @throws CliError usage */
const refuseSessionOptions = (command: Command): void => {
  const given = command.options.find(
    (option) => !OF_EACH.has(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given === undefined) return;
  throw usageError(
    `${given.long} is for a session that is created, and one is named.`,
    'Leave out the session, or the option.',
  );
};

const shell = async (typed: string | undefined, options: Options, command: Command): Promise<void> => {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw usageError(
      'A shell needs a terminal.',
      'Without a terminal use `onmemos exec` or `onmemos run`, which read piped input.',
    );
  }
  if (typed !== undefined) refuseSessionOptions(command);
  const connection = await connect(options, true);
  using interrupts = new Interrupts(sayStage);
  if (typed !== undefined) {
    const id = await findLiveSession(connection.client, typed);
    return inSession(connection, id, interrupts, { detachable: true, env: envOf(options) });
  }
  const session = await ownSession(connection, await namedBody(options, connection), {
    keep: options.keep === true,
    quiet: options.quiet === true,
    interrupts,
  });
  try {
    // If the session ends with its shell, there is no shell to reconnect to, so Ctrl-] does nothing.
    await inSession(connection, session.id, interrupts, { detachable: options.keep === true, env: {} });
  } finally {
    await session.end();
  }
};

const inSession = async (
  { client }: Connection,
  session: string,
  interrupts: Interrupts,
  { detachable, env }: { readonly detachable: boolean; readonly env: Readonly<Record<string, string>> },
): Promise<void> => {
  const body: ExecStart = { command: SHELL, ...(Object.keys(env).length > 0 ? { env } : {}) };
  let id = '';
  const onStarted = ({ exec_id }: { readonly exec_id: string }): void => {
    id = exec_id;
  };
  const exec = await startJoined(client, session, body, {
    tty: true,
    interrupts,
    second: 'ends it',
    detachable,
    onStarted,
  });
  if (exec === DETACHED) {
    process.stdout.write(MODES_BACK);
    return note(`\r\nonmemos: the shell keeps running; \`onmemos attach ${session} ${id}\` connects to it again.`);
  }
  process.exitCode = await endedBy(client, exec);
};
