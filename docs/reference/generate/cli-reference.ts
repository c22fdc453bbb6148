/** Prints the reference of the command line as Markdown, from the program's own tree of commands. */
import type { Argument, Command, Option } from 'commander';
import { createProgram } from '../../../sdk/cli/src/program.ts';
import { block, inCode, oneLine, table } from './markdown.ts';

const INTRO = `# Command line reference

Made by \`npm run reference\` from the program's own help: edit \`sdk/cli/src\`. How to use it is in the
[quick start](../quick-start.md) and the [guides](../README.md).`;

/** Groups of options that many commands share: told once. */
const SHARED = ['Server:', 'Answer:', 'Session:'];
const COMMON = 'sessions create';

const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

/** What the help has besides usage, arguments and options. */
const written = (command: Command): string => {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text.slice(command.helpInformation().length).replace(/^\n+/, '').trimEnd();
};

const groupOf = (option: Option): string => option.helpGroupHeading ?? 'Options:';
const optionsOf = (command: Command): readonly Option[] => command.options.filter((option) => !option.hidden);
const meaning = (option: Option): string => {
  const value: unknown = option.defaultValue;
  const told = value === undefined || typeof value === 'boolean' || /\(.*unless given\)/.test(option.description);
  return option.description + (told ? '' : ` (${String(option.defaultValueDescription ?? value)} unless given)`);
};

const argumentRow = (argument: Argument): readonly string[] => [
  inCode(argument.required ? `<${argument.name()}>` : `[${argument.name()}]`),
  oneLine(argument.description),
];
const optionRow = (option: Option): readonly string[] => [inCode(option.flags), oneLine(meaning(option))];

/** Lines further in are as they stand, such as what is typed; the others are text. */
const asMarkdown = (text: string): string =>
  text
    .replaceAll(/(?:^ {2}\S.*\n?)+/gm, (lines) => `\n\n${block(lines.replaceAll(/^ {2}/gm, '').trimEnd())}\n\n`)
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();

const alsoCalled = (command: Command): string => {
  const names = command.aliases().map(inCode);
  return names.length === 0 ? '' : `Also called ${names.join(' or ')}.`;
};

const page = (command: Command): string => {
  const own = optionsOf(command).filter((option) => !SHARED.includes(groupOf(option)));
  const shared = SHARED.filter((group) => optionsOf(command).some((option) => groupOf(option) === group));
  const rows = [...command.registeredArguments.map(argumentRow), ...own.map(optionRow)];
  const links = shared.map((group) => `[${group.slice(0, -1)}](#${group.slice(0, -1).toLowerCase()}-options)`);
  return [
    `### ${pathOf(command)}`,
    oneLine(command.description()),
    block(`${pathOf(command)} ${command.usage()}`),
    alsoCalled(command),
    rows.length > 0 ? table(['Argument or option', 'Meaning'], rows) : '',
    links.length > 0 ? `And the options of ${links.join(', ')}.` : '',
    asMarkdown(written(command)),
  ]
    .filter(Boolean)
    .join('\n\n');
};

/** Commands that do something, those below others among them. */
const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

const program = await createProgram('all');
const groups = Map.groupBy(program.commands, (command) => command.helpGroup());
const whole = leaves(program).find((command) => pathOf(command).endsWith(COMMON));
if (!whole) throw new Error(`there is no command ${COMMON}`);
const sharedPage = (group: string): string => {
  const rows = optionsOf(whole).filter((option) => groupOf(option) === group);
  return `### ${group.slice(0, -1)} options\n\n${table(['Option', 'Meaning'], rows.map(optionRow))}`;
};

const text = [
  INTRO,
  asMarkdown(written(program)),
  ...[...groups].flatMap(([group, commands]) => [
    `## ${(group ?? 'Commands:').slice(0, -1)}`,
    ...commands.flatMap((command) => leaves(command).map(page)),
  ]),
  '## Options of many commands',
  ...SHARED.map(sharedPage),
].join('\n\n');
process.stdout.write(`${text}\n`);
