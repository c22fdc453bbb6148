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

/** Texts that may be empty: they are for people alone. */
const MAY_BE_EMPTY = new Set(['description']);

/** An unset variable of a script would else mean as much as no option at all. @throws CliError usage */
const refuseEmpty = (command: Command): void => {
  for (const option of command.options) {
    const name = option.attributeName();
    const value: unknown = command.getOptionValue(name);
    if (MAY_BE_EMPTY.has(name) || command.getOptionValueSource(name) !== 'cli') continue;
    if ((Array.isArray(value) ? value : [value]).some((one) => typeof one === 'string' && one.trim() === ''))
      throw usageError(`${option.long ?? option.flags} is empty.`, 'Give it a value, or leave it out.');
  }
};

/** @throws CliError usage if the answer is to have two forms */
const refuseTwoForms = (command: Command): void => {
  const { json, quiet, output, format }: AnswerOptions = command.opts();
  // Where a command has no forms, --quiet is about what is said beside the answer.
  const forms = command.options.some((option) => option.attributeName() === 'output') || command.name() === 'ls';
  const asked = [
    ...(format === undefined ? [] : ['--format']),
    ...(output === undefined ? [] : [`--output ${output}`]),
    ...(json && output !== 'json' ? ['--json'] : []),
    ...(quiet && (forms || !json) ? ['--quiet'] : []),
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
    refuseEmpty(action);
    refuseTwoForms(action);
  });
};
