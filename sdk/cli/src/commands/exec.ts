import type { Command } from 'commander';
import { sayGone } from '../bridge/gone.ts';
import { Interrupts } from '../bridge/interrupts.ts';
import { printWarnings } from '../bridge/warnings.ts';
import { terminalSize } from '../bridge/terminal.ts';
import { type InputOptions, inputOf, runToItsEnd, withInput } from '../bridge/to-its-end.ts';
import { connect } from '../connect.ts';
import { findLiveSession } from '../find.ts';
import { collect, SESSION_HELP, withTarget } from '../options.ts';
import { envOf } from '../session-options.ts';
import type { TargetOptions } from '../target/resolve.ts';
import { parseDuration } from '../ui/duration.ts';
import { handOver } from '../ui/hand-over.ts';
import { print, printJson } from '../ui/output.ts';
import { startBody } from './run.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends TargetOptions, InputOptions {
  readonly cwd?: string;
  readonly shell?: string;
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly timeout?: number;
  readonly tty?: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

const DETAILS = `
Ctrl-C is sent to the command; a second Ctrl-C ends the command and this program. So does the end of whatever reads the output, as
\`| head\`. A command that was started with -d keeps running without this program. Piped input becomes the command's stdin, unless --no-input is
given.

  onmemos exec ses-01 -- ls -la /workspace
  gunzip < dump.gz | onmemos exec ses-01 -- sqlite3 data.db
  while read name; do onmemos exec ses-01 --no-input -- touch "$name"; done < names`;

export const define = (command: Command): void => {
  withInput(
    withTarget(command.argument('<session>', SESSION_HELP).argument('<command...>', 'what to run')),
    '; with -d, leave stdin open for `attach`',
  )
    .option('--cwd <path>', 'the folder it starts in; a relative path is below /workspace')
    .option('--shell <name>', 'the shell of a line: sh (default) or bash')
    .option('-e, --env <KEY=VALUE>', 'set an environment variable; KEY alone copies the value from here', collect)
    .option('--env-file <path>', 'set the variables of a .env file; -e comes after it', collect)
    .option('--timeout <duration>', 'end the command after this, with code 124; a bare number is seconds', (text) =>
      parseDuration(text, 's'),
    )
    .option('-t, --tty', 'with a terminal')
    .option('-d, --detach', 'start it, print its id and leave it running (`onmemos logs -f`)')
    .option('--json', 'print one JSON answer at the end: how it ended, and its output (8 MiB of each stream)')
    .usage('[options] <session> -- <command...>')
    .addHelpText('after', wrap(DETAILS))
    .action(execute);
};

const execute = async (typed: string, words: readonly string[], options: Options): Promise<void> => {
  const env = envOf(options);
  const body = { ...startBody(words, options), ...(Object.keys(env).length > 0 ? { env } : {}) };
  const { client } = await connect(options, true);
  const session = await findLiveSession(client, typed);
  if (options.detach) {
    printWarnings(await client.sessions.get(session));
    const tty = options.tty === true ? { tty: terminalSize() } : {};
    const exec = await client.execs.start(session, {
      ...body,
      ...tty,
      stdin: options.interactive === true || options.tty === true,
    });
    const id = exec.exec_id;
    const undo = (): Promise<unknown> => sayGone(client, session, id);
    return handOver({ name: `command ${id}`, removedBy: `kill ${session} ${id}`, undo }, () =>
      options.json ? printJson(exec) : print(id),
    );
  }
  using interrupts = new Interrupts();
  process.exitCode = await runToItsEnd(client, session, body, {
    tty: options.tty === true,
    input: inputOf(options),
    json: options.json === true,
    interrupts,
    second: 'ends it',
  });
};
