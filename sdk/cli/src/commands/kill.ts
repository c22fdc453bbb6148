import type { Command } from 'commander';
import type { SignalName } from 'onmemos';
import { connect } from '../connect.ts';
import { CliError } from '../errors.ts';
import { findExec, findLiveSession } from '../find.ts';
import { type CommonOptions, SESSION_HELP, withCommon } from '../options.ts';
import { howEnded } from '../how-ended.ts';
import { printDone } from '../ui/output.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends CommonOptions {
  readonly signal?: string;
}

const DETAILS = `
Ends the command and all that it has started. If the command has ended already, says how, and ends what it left running; with -s TERM or KILL too. Any other signal is then not sent, and the exit code is 1.`;

/** What reaches the processes that an ended command left. */
const END_LEFT: ReadonlySet<string> = new Set(['TERM', 'KILL']);

export const define = (command: Command): void => {
  withCommon(
    command
      .argument('<session>', SESSION_HELP)
      .argument('<command>', 'its id, or the beginning of its id (`onmemos jobs SESSION`)'),
  )
    .option('-s, --signal <name>', 'send this signal instead of ending the command, such as TERM or USR1')
    .addHelpText('after', wrap(DETAILS))
    .action(kill);
};

const kill = async (session: string, command: string, options: Options): Promise<void> => {
  const { client } = await connect(options);
  const id = await findLiveSession(client, session);
  const found = await findExec(client, id, command);
  const exec = found.exec_id;
  const name = options.signal?.toUpperCase().replace(/^SIG/, '');
  const ended = found.status === 'running' ? null : `Command ${exec} has ended already: it ${howEnded(found)}.`;
  if (ended !== null && name !== undefined && !END_LEFT.has(name)) {
    throw new CliError(`${ended} ${name} was not sent.`, {
      hint: `\`onmemos jobs ${id}\` shows which commands run.`,
    });
  }
  const after = name ? await client.execs.signal(id, exec, name as SignalName) : await client.execs.kill(id, exec);
  const done = name ? `Sent ${name} to ${exec}.` : `Command ${exec} is ${after.status}.`;
  printDone(
    options,
    after,
    exec,
    ended === null ? done : `${ended} Anything that it left running was sent ${name ?? 'KILL'}.`,
  );
};
