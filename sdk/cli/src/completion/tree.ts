import type { Command } from 'commander';

export interface Word {
  readonly word: string;
  readonly help: string;
}

/** What can follow a command. */
export interface Place {
  /** `sessions ls`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly Word[];
  /** The names and aliases of those commands. Completion understands aliases but does not offer them. */
  readonly names: readonly string[];
  readonly options: readonly Word[];
  /** Options whose value is the next word. */
  readonly valued: readonly string[];
  /** Whether one of its arguments is a session. */
  readonly session: boolean;
}

const optionWords = (command: Command): readonly Word[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ short, long, description }) =>
      [long, short].flatMap((flag) => (flag ? [{ word: flag, help: description }] : [])),
    );

const namesOf = (command: Command): readonly string[] => [command.name(), ...command.aliases()];

/** Every command of the program, under each of its names, with what can follow it. */
export const placesOf = (command: Command, path: readonly string[] = []): readonly Place[] => [
  {
    path: path.join(' '),
    commands: command.commands.map((one) => ({ word: one.name(), help: one.summary() || one.description() })),
    names: command.commands.flatMap(namesOf),
    options: optionWords(command),
    valued: command.options
      .filter(({ required, optional }) => required || optional)
      .flatMap(({ short, long }) => [long, short].flatMap((flag) => (flag ? [flag] : []))),
    session: command.registeredArguments.some((argument) => /^sessions?$/.test(argument.name())),
  },
  ...command.commands.flatMap((one) => namesOf(one).flatMap((name) => placesOf(one, [...path, name]))),
];
