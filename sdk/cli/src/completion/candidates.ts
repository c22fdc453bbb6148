import type { Command, Option } from 'commander';
import { argumentValues, type Candidate, FILE_OPTIONS, optionValues, type Place } from './values.ts';

/** The shell offers the names of files. */
export const FILES = Symbol('files');

const named = (command: Command, word: string): Option | undefined =>
  command.options.find(({ short, long }) => word === short || word === long);

const takesValue = ({ required, optional }: Option): boolean => required || optional;

const optionWords = (command: Command): readonly Candidate[] => {
  // Global options are hidden before a command, where its own help does not describe them.
  const help = command.createHelp().visibleOptions(command);
  const all = command.parent === null ? [...help, ...command.options.filter((one) => !help.includes(one))] : help;
  return all.flatMap(({ short, long, description }) =>
    [long, short].flatMap((flag) => (flag ? [{ value: flag, help: description }] : [])),
  );
};

interface Typed {
  readonly at: Command;
  readonly positional: readonly string[];
  readonly options: ReadonlyMap<string, string>;
  /** The option whose value is the current word. */
  readonly pending: Option | undefined;
  /** Two dashes were typed: what follows belongs to a command of the session. */
  readonly foreign: boolean;
}

/** Reads the words before the current one as commander would. */
const read = (program: Command, words: readonly string[]): Typed => {
  let at = program;
  let positional: string[] = [];
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (word === '--') return { at, positional, options, pending: undefined, foreign: true };
    const option = named(at, word);
    if (option && takesValue(option)) {
      const value = words[i + 1];
      if (value === undefined) return { at, positional, options, pending: option, foreign: false };
      options.set(option.long ?? word, value);
      i += 1;
    } else if (!word.startsWith('-')) {
      const next = at.commands.find((one) => one.name() === word || one.aliases().includes(word));
      if (next) {
        at = next;
        positional = [];
      } else positional.push(word);
    }
  }
  return { at, positional, options, pending: undefined, foreign: false };
};

/** The command of the first level, such as `volumes` of `volumes rm`. */
const groupOf = (command: Command): string => (command.parent?.parent ? groupOf(command.parent) : command.name());

/**
 * What can follow on a command line.
 * @param words all words behind the program's name; the last one, which may be empty, is being typed
 */
export const candidates = async (
  program: Command,
  words: readonly string[],
  lookUp: Pick<Place, 'client' | 'user'>,
): Promise<readonly Candidate[] | typeof FILES> => {
  const current = words.at(-1) ?? '';
  const { at, positional, options, pending, foreign } = read(program, words.slice(0, -1));
  if (foreign) return FILES;
  const place: Place = { ...lookUp, positional, option: (long) => options.get(long) };
  const fitting = (found: readonly Candidate[]): readonly Candidate[] =>
    found.filter(({ value }) => value.startsWith(current));
  if (pending) {
    const long = pending.long ?? '';
    if (FILE_OPTIONS.has(long)) return FILES;
    return fitting((await optionValues(long)?.(place)) ?? []);
  }
  if (current.startsWith('-')) return fitting(optionWords(at));
  const below = at.commands.map((one) => ({ value: one.name(), help: one.summary() }));
  const argument = at.registeredArguments[positional.length] ?? at.registeredArguments.findLast((one) => one.variadic);
  const source = argument && argumentValues(groupOf(at), argument.name());
  // The words of a command that is to run are no ids.
  const values = argument?.variadic && argument.name() === 'command' ? [] : ((await source?.(place)) ?? []);
  return fitting([...below, ...values.filter(({ value }) => !positional.includes(value))]);
};
