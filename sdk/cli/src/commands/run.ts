import type { Command } from 'commander';
import type { ExecStart } from 'onmemos';
import { Interrupts } from '../bridge/interrupts.ts';
import { terminalSize } from '../bridge/terminal.ts';
import { type InputOptions, inputOf, runToItsEnd, withInput } from '../bridge/to-its-end.ts';
import { commandOf } from '../command-line.ts';
import { connect } from '../connect.ts';
import { withTarget } from '../options.ts';
import { ownSession, sayStage } from '../own-session.ts';
import { runDetached } from '../run-detached.ts';
import { namedBody } from '../provider.ts';
import { type SessionOptions, withSessionOptions } from '../session-options.ts';
import type { TargetOptions } from '../target/resolve.ts';
import { parseDuration } from '../ui/duration.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends SessionOptions, TargetOptions, InputOptions {
  readonly cwd?: string;
  readonly shell?: string;
  readonly timeout?: number;
  readonly tty?: boolean;
  readonly detach?: boolean;
  readonly keep?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const DETAILS = `
Creates a session, runs the command in it with your stdin, stdout and stderr, ends the session and exits with the command's code.
Ctrl-C is sent to the command; a second Ctrl-C ends the session. Whatever happens to this program, the session ends after its --ttl.
One word is a line for the shell; several are a program with its arguments. Piped input becomes the command's stdin, unless --no-input is
given; -t gives it a terminal.

  onmemos run -- python3 -c 'print(6 * 7)'
  onmemos run --ttl 10m -- 'grep -c error | tee count' < app.log
  onmemos run -t -- vi notes.txt
  onmemos run -d --ttl 4h -- make all`;

export const define = (command: Command): void => {
  withInput(withTarget(withSessionOptions(command.argument('<command...>', 'what to run, after --'))))
    .option('--cwd <path>', 'the folder it starts in; a relative path is below /workspace')
    .option('--shell <name>', 'the shell of a line: sh (default) or bash')
    .option('--timeout <duration>', 'end the command after this, with code 124; a bare number is seconds', (text) =>
      parseDuration(text, 's'),
    )
    .option('-t, --tty', 'with a terminal')
    .option('-d, --detach', 'start it, print the id of the session and leave both running')
    .option('--keep', 'keep the session for later commands')
    .option('-q, --quiet', 'do not print time and cost')
    .option('--json', 'print one JSON answer at the end: how it ended, and its output (8 MiB of each stream)')
    .passThroughOptions()
    .usage('[options] -- <command...>')
    .addHelpText('after', wrap(DETAILS))
    .action(run);
};

/** The part of a start that `run` and `exec` share. */
export const startBody = (
  words: readonly string[],
  { cwd, shell, timeout }: Pick<Options, 'cwd' | 'shell' | 'timeout'>,
): ExecStart => ({
  ...commandOf(words),
  ...(shell === undefined ? {} : { shell: shell as 'sh' | 'bash' }),
  ...(cwd === undefined ? {} : { cwd }),
  ...(timeout === undefined ? {} : { timeout }),
});

const run = async (words: readonly string[], options: Options): Promise<void> => {
  const body = startBody(words, options);
  const connection = await connect(options, true);
  const create = await namedBody(options, connection);
  if (options.detach) {
    const terminal = options.tty ? { tty: terminalSize() } : {};
    const stdin = options.tty === true || options.interactive === true;
    return runDetached(connection, create, { ...body, ...terminal, stdin }, options);
  }
  using interrupts = new Interrupts(sayStage);
  const session = await ownSession(connection, create, {
    keep: options.keep === true,
    quiet: options.quiet === true || options.json === true,
    interrupts,
  });
  try {
    process.exitCode = await runToItsEnd(connection.client, session.id, body, {
      tty: options.tty === true,
      input: inputOf(options),
      json: options.json === true,
      interrupts,
      second: 'ends the session',
    });
  } finally {
    await session.end();
  }
};
