import type { Command } from 'commander';
import type { ExecStart } from 'onmemos';
import { Interrupts } from '../bridge/interrupts.ts';
import { startToItsEnd } from '../bridge/start.ts';
import { commandOf } from '../command-line.ts';
import { connect } from '../connect.ts';
import { endedBy } from '../ended-by.ts';
import { withTarget } from '../options.ts';
import { ownSession, sayStage } from '../own-session.ts';
import { type SessionOptions, sessionBody, withSessionOptions } from '../session-options.ts';
import type { TargetOptions } from '../target/resolve.ts';
import { parseDuration } from '../ui/duration.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends SessionOptions, TargetOptions {
  readonly cwd?: string;
  readonly shell?: string;
  readonly timeout?: number;
  readonly tty?: boolean;
  readonly keep?: boolean;
  readonly quiet?: boolean;
}

const DETAILS = `
Creates a session, runs the command in it with your stdin, stdout and stderr, ends the session and exits with the command's code.
Ctrl-C is sent to the command; a second Ctrl-C ends the session. Whatever happens to this program, the session ends after its --ttl.
One word is a line for the shell; several are a program with its arguments. Piped input becomes the command's stdin; -t gives it a
terminal.

  onmemos run -- python3 -c 'print(6 * 7)'
  onmemos run --ttl 10m -- 'grep -c error | tee count' < app.log
  onmemos run -t -- vi notes.txt`;

export const define = (command: Command): void => {
  withTarget(withSessionOptions(command.argument('<command...>', 'what to run, after --')))
    .option('--cwd <path>', 'the folder it starts in; a relative path is below /workspace')
    .option('--shell <name>', 'the shell of a line: sh (default) or bash')
    .option('--timeout <duration>', 'end the command after this, with code 124', (text) => parseDuration(text, 's'))
    .option('-t, --tty', 'with a terminal')
    .option('--keep', 'keep the session for later commands')
    .option('-q, --quiet', 'do not print time and cost')
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
  const create = sessionBody(options, connection);
  using interrupts = new Interrupts(sayStage);
  const session = await ownSession(connection, create, {
    keep: options.keep === true,
    quiet: options.quiet === true,
    interrupts,
  });
  try {
    const tty = options.tty === true;
    const exec = await startToItsEnd(connection.client, session.id, body, {
      tty,
      interrupts,
      second: 'ends the session',
    });
    process.exitCode = await endedBy(connection.client, exec);
  } finally {
    await session.end();
  }
};
