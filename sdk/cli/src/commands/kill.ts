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
Ends the command and all that it has started. If the command has ended already, says how, sends nothing and ends with 1.`;

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
  if (found.status !== 'running') {
    throw new CliError(`Command ${exec} has ended already: it ${howEnded(found)}. Nothing was sent.`, {
      hint: `\`onmemos jobs ${id}\` shows which commands run.`,
    });
  }
  const name = options.signal?.toUpperCase().replace(/^SIG/, '');
  const after = name ? await client.execs.signal(id, exec, name as SignalName) : await client.execs.kill(id, exec);
  printDone(options, after, exec, name ? `Sent ${name} to ${exec}.` : `Command ${exec} is ${after.status}.`);
};
