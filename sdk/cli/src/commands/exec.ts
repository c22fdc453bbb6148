import type { Command } from 'commander';
import { Interrupts } from '../bridge/interrupts.ts';
import { printWarnings } from '../bridge/warnings.ts';
import { startToItsEnd } from '../bridge/start.ts';
import { connect } from '../connect.ts';
import { endedBy } from '../ended-by.ts';
import { findLiveSession } from '../find.ts';
import { collect, SESSION_HELP, withTarget } from '../options.ts';
import { envOf } from '../session-options.ts';
import type { TargetOptions } from '../target/resolve.ts';
import { parseDuration } from '../ui/duration.ts';
import { print } from '../ui/output.ts';
import { startBody } from './run.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends TargetOptions {
  readonly cwd?: string;
  readonly shell?: string;
  readonly env?: readonly string[];
  readonly timeout?: number;
  readonly tty?: boolean;
  readonly detach?: boolean;
}

const DETAILS = `
Ctrl-C is sent to the command; a second Ctrl-C leaves it running and ends this program.

  onmemos exec ses-01 -- ls -la /workspace
  tar c src | onmemos exec ses-01 -- tar x`;

export const define = (command: Command): void => {
  withTarget(command.argument('<session>', SESSION_HELP).argument('<command...>', 'what to run'))
    .option('--cwd <path>', 'the folder it starts in; a relative path is below /workspace')
    .option('--shell <name>', 'the shell of a line: sh (default) or bash')
    .option('-e, --env <KEY=VALUE>', 'set an environment variable; KEY alone copies the value from here', collect)
    .option('--timeout <duration>', 'end the command after this, with code 124', (text) => parseDuration(text, 's'))
    .option('-t, --tty', 'with a terminal')
    .option('-d, --detach', 'start it, print its id and leave it running (`onmemos logs -f`)')
    .usage('[options] <session> -- <command...>')
    .addHelpText('after', wrap(DETAILS))
    .action(execute);
};

const execute = async (typed: string, words: readonly string[], options: Options): Promise<void> => {
  const env = envOf(options.env);
  const body = { ...startBody(words, options), ...(Object.keys(env).length > 0 ? { env } : {}) };
  const { client } = await connect(options, true);
  const session = await findLiveSession(client, typed);
  if (options.detach) {
    printWarnings(await client.sessions.get(session));
    return print((await client.execs.start(session, body)).exec_id);
  }
  using interrupts = new Interrupts();
  const tty = options.tty === true;
  const exec = await startToItsEnd(client, session, body, { tty, interrupts, second: 'leaves it running' });
  process.exitCode = await endedBy(client, exec);
};
