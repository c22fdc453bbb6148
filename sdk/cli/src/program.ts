import { Command } from 'commander';
import { EXIT_HELP } from './exit-codes.ts';
import { withGlobals } from './globals.ts';
import { REGISTRY } from './registry.ts';
import { wrap } from './ui/wrap.ts';
import { suggestMeant } from './verbs.ts';
import { cliVersion } from './version.ts';

const INTRO = `Compute sessions on demand, from a terminal.

  onmemos run -- python3 -c 'print(6 * 7)'
  onmemos shell`;

const OUTRO = `
If no server is named (--url, --profile, ONMEMOS_BASE_URL, \`onmemos login\`), the local server of this machine is used, and started if
none runs. Session and command ids may be shortened to any beginning that only one of them has. The options that choose the server and the
form of the answer (--url, --profile, --output, --json, --format, --quiet) work before the command too.

${EXIT_HELP}`;

/**
 * The whole command tree, in which only the commands named are complete.
 * @param wanted names to load; `all` for the reference, which has to know every option
 */
export const createProgram = async (wanted: readonly string[] | 'all'): Promise<Command> => {
  const program = new Command('onmemos')
    .description(INTRO)
    .usage('<command> [options]')
    .version(cliVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help; after a command, help for it')
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', wrap(OUTRO));
  for (const { name, aliases = [], summary, group, load } of REGISTRY) {
    const command = program
      .command(name)
      .aliases(aliases)
      .helpGroup(group)
      .summary(summary)
      .description(`${capital(summary)}.`);
    if (wanted === 'all' || [name, ...aliases].some((one) => wanted.includes(one)))
      (await load()).define(command, createProgram);
  }
  program.configureOutput({
    writeErr: (text) => process.stderr.write(text.replace(/^error: /, 'onmemos: ')),
  });
  withGlobals(program);
  inherit(program);
  program.showHelpAfterError('`onmemos --help` lists the commands.');
  return program;
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Commands throw instead of ending the process, and use the program's output settings. */
const inherit = (parent: Command): void => {
  parent.configureOutput({ outputError: (text, write) => write(suggestMeant(parent, text)) });
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent).helpCommand(false);
    command.showHelpAfterError(`\`${pathOf(command)} --help\` says what it takes.`);
    inherit(command);
  }
};

const pathOf = (command: Command): string => (command.parent ? `${pathOf(command.parent)} ` : '') + command.name();
