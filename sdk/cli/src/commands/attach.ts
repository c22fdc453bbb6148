import type { Command } from 'commander';
import { Interrupts } from '../bridge/interrupts.ts';
import { DETACHED, join } from '../bridge/join.ts';
import { rawMode } from '../bridge/terminal.ts';
import { connect } from '../connect.ts';
import { endedBy } from '../ended-by.ts';
import { findExec, findLiveSession, refuseEnded } from '../find.ts';
import { howEnded } from '../how-ended.ts';
import { SESSION_HELP, withTarget } from '../options.ts';
import type { TargetOptions } from '../target/resolve.ts';
import { MODES_BACK } from '../screen/modes.ts';
import { note } from '../ui/output.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends TargetOptions {
  readonly replay?: boolean;
  readonly input: boolean;
}

const DETAILS = `
Without COMMAND, the last command that runs, or the last one if none runs. Prints its output from now on, or from the beginning with
--replay, and sends it what you pipe or type. Of a command with a terminal, draws first what is on its screen. If the command has a
terminal, Ctrl-] disconnects and leaves it running. If it has none, Ctrl-C is sent to it, and a second Ctrl-C disconnects. With --no-input, Ctrl-C disconnects.
Of a command that has ended already, says how it ended, and exits with its code.`;

export const define = (command: Command): void => {
  withTarget(
    command
      .argument('<session>', SESSION_HELP)
      .argument('[command]', 'its id, or the beginning of its id (`onmemos jobs SESSION`)'),
  )
    .option('--replay', 'print its output from the beginning')
    .option('--no-input', 'only watch: send it no input')
    .addHelpText('after', wrap(DETAILS))
    .action(attach);
};

const attach = async (typed: string, command: string | undefined, options: Options): Promise<void> => {
  const { client } = await connect(options, true);
  const session = await client.sessions.get(await findLiveSession(client, typed));
  refuseEnded(session);
  const { exec_id } = await findExec(client, session.id, command);
  const exec = await client.execs.get(session.id, exec_id);
  // Without a word, a person would take it for one that runs and prints nothing.
  if (exec.status !== 'running') note(`onmemos: command ${exec_id} has ended already: it ${howEnded(exec)}.`);
  const from = options.replay ? 0 : exec.next_offset;
  const input = options.input && (exec.tty ? true : process.stdin.isTTY !== true);
  using interrupts = new Interrupts();
  const onScreen = exec.tty && process.stdout.isTTY === true;
  // What is typed while the screen is drawn belongs to the command, so our terminal must not echo it.
  const restore = onScreen && input ? rawMode() : () => {};
  try {
    if (onScreen && !options.replay) {
      // Loaded here alone: the model of a terminal is larger than the rest of this program.
      const { drawScreen } = await import('../screen/draw.ts');
      await drawScreen(client, exec, interrupts.signal);
    }
    const joined = await session.process(exec.exec_id, { from, interactive: input });
    const ended = await join(joined, {
      client,
      endsWithUs: false,
      interrupts,
      second: 'leaves it running',
      detachable: true,
      watches: !options.input,
      input,
    });
    if (ended !== DETACHED) {
      // What it printed while no reader was there was never promised.
      process.exitCode = await endedBy(client, ended, false);
      return;
    }
    if (onScreen) process.stdout.write(MODES_BACK);
    note(`\r\nonmemos: ${exec.exec_id} keeps running.`);
  } finally {
    restore();
  }
};
