import { type Command, Option } from 'commander';
import { usageError } from './errors.ts';
import { type AnswerOptions, parseForm } from './ui/output.ts';

/** Options that also work before the command, as in `onmemos --json ls`. Its own help describes them. */
const globals = (): readonly Option[] =>
  [
    new Option('--url <address>'),
    new Option('--profile <name>'),
    new Option('-o, --output <form>').argParser(parseForm),
    new Option('--json'),
    new Option('--format <format>'),
    new Option('-q, --quiet'),
  ].map((option) => option.hideHelp());

const VALUED = new Set(['--url', '--profile', '-o', '--output', '--format']);

/** The command of a command line: the first word that is neither an option nor the value of a global one. */
export const calledName = (argv: readonly string[]): string | undefined =>
  argv.find((word, i) => !word.startsWith('-') && !VALUED.has(argv[i - 1] ?? ''));

const pathOf = (command: Command): string => (command.parent ? `${pathOf(command.parent)} ` : '') + command.name();

/** Gives a command the options that were typed before it; behind it, they are its own. @throws CliError usage */
const handDown = (command: Command): void => {
  for (let above = command.parent; above !== null; above = above.parent) {
    for (const option of above.options) {
      const name = option.attributeName();
      if (above.getOptionValueSource(name) !== 'cli') continue;
      if (!command.options.some((own) => own.attributeName() === name))
        throw usageError(`\`${pathOf(command)}\` has no option ${option.long ?? option.flags}.`);
      if (command.getOptionValueSource(name) !== 'cli')
        command.setOptionValueWithSource(name, above.getOptionValue(name), 'cli');
    }
  }
};

/** @throws CliError usage if the answer is to have two forms */
const refuseTwoForms = ({ json, quiet, output, format }: AnswerOptions): void => {
  const asked = [
    ...(format === undefined ? [] : ['--format']),
    ...(output === undefined ? [] : [`--output ${output}`]),
    ...(json && output !== 'json' ? ['--json'] : []),
    ...(quiet && !json ? ['--quiet'] : []),
  ];
  if (asked.length > 1) throw usageError(`${asked.slice(0, 2).join(' and ')} exclude each other.`);
};

/** Lets the options of {@link globals} come before a command, and before the name of its group. */
export const withGlobals = (program: Command): void => {
  const add = (command: Command): void => {
    if (command !== program && command.commands.length === 0) return;
    for (const option of globals()) command.addOption(option);
    command.commands.forEach(add);
  };
  add(program);
  program.hook('preAction', (_program, action) => {
    handDown(action);
    refuseTwoForms(action.opts());
  });
};
