import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { Interrupts, orAborted } from '../bridge/interrupts.ts';
import { connect } from '../connect.ts';
import { endedBy } from '../ended-by.ts';
import { CliError, usageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findExec, findSession } from '../find.ts';
import { SESSION_HELP, withTarget } from '../options.ts';
import { serverWords } from '../server-words.ts';
import type { TargetOptions } from '../target/resolve.ts';
import { parseDuration } from '../ui/duration.ts';
import { note } from '../ui/output.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends TargetOptions {
  readonly session?: boolean;
  readonly timeout?: number;
}

const POLL_MS = 1000;

const DETAILS = `
Without COMMAND, the last command that runs, or the last one if none runs. Ends with the command's code. With --session, waits until the
session has ended, and ends with 0, or with 1 if the session failed.

  id=$(onmemos run -d -- make all)
  onmemos wait $id`;

export const define = (command: Command): void => {
  withTarget(
    command
      .argument('<session>', SESSION_HELP)
      .argument('[command]', 'its id, or the beginning of its id (`onmemos jobs SESSION`)'),
  )
    .option('--session', 'wait for the end of the session')
    .option('--timeout <duration>', 'wait no longer than this, then end with 124; a bare number is seconds', (text) =>
      parseDuration(text, 's'),
    )
    .addHelpText('after', wrap(DETAILS))
    .action(wait);
};

const wait = async (typed: string, named: string | undefined, options: Options): Promise<void> => {
  if (options.session && named !== undefined)
    throw usageError('--session waits for the session, and a command is named.', 'Leave out one of the two.');
  const { client } = await connect(options, true);
  using interrupts = new Interrupts();
  const id = await findSession(client, typed);
  const limit = new AbortController();
  const timer = options.timeout === undefined ? undefined : setTimeout(() => limit.abort(), options.timeout * 1000);
  const signal = AbortSignal.any([interrupts.signal, limit.signal]);
  const sessionEnd = async (): Promise<number> => {
    for (;;) {
      const { ended_at, status, status_message } = await client.sessions.get(id, { signal });
      if (ended_at !== null && status === 'failed' && status_message) note(`onmemos: ${serverWords(status_message)}`);
      if (ended_at !== null) return status === 'failed' ? EXIT.failed : EXIT.ok;
      await orAborted(pause(POLL_MS), signal);
    }
  };
  const commandEnd = async (): Promise<number> => {
    const session = await client.sessions.get(id, { signal });
    const process = await session.process((await findExec(client, id, named)).exec_id);
    if (process.exec.status === 'running') await process.wait({ signal });
    return endedBy(client, { ...process.exec, dropped: false });
  };
  try {
    process.exitCode = await (options.session ? sessionEnd() : commandEnd());
  } catch (error) {
    interrupts.signal.throwIfAborted();
    if (!limit.signal.aborted) throw error;
    throw new CliError('It has not ended within --timeout.', { exit: EXIT.timedOut });
  } finally {
    clearTimeout(timer);
  }
};
