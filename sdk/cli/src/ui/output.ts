import { coloursOf } from './colour.ts';
import { type Column, details, table } from './table.ts';

export interface AnswerOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** One line on stdout. */
export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** One line on stderr, for messages that are not part of the answer. */
export const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** The width of the terminal; undefined if stdout is not a terminal. */
const limit = (): number | undefined => (process.stdout.isTTY ? process.stdout.columns : undefined);

/** Prints a list as the options say: a table, the server's JSON, or ids only. */
export const printList = <T>(
  options: AnswerOptions,
  items: readonly T[],
  shape: {
    readonly columns: readonly Column[];
    readonly row: (item: T) => readonly string[];
    readonly id: (item: T) => string;
    /** Printed on stderr if the list is empty. */
    readonly empty: string;
  },
): void => {
  if (options.json) printJson(items);
  else if (options.quiet) for (const item of items) print(shape.id(item));
  else if (items.length === 0) note(shape.empty);
  else {
    const { dim } = coloursOf(process.stdout);
    print(table(shape.columns, items.map(shape.row), { limit: limit(), title: dim }));
  }
};

/** Prints one item as the options say: its entries, the server's JSON, or its id. */
export const printOne = <T>(
  options: AnswerOptions,
  item: T,
  shape: {
    readonly id: string;
    readonly entries: readonly (readonly [string, string | number | null | undefined])[];
  },
): void => {
  if (options.json) printJson(item);
  else print(options.quiet ? shape.id : details(shape.entries, coloursOf(process.stdout).dim));
};

/** Says on stderr what was done. Scripts get the JSON or the id on stdout instead. */
export const printDone = (options: AnswerOptions, item: unknown, id: string, sentence: string): void => {
  if (options.json) printJson(item);
  else if (options.quiet) print(id);
  else note(sentence);
};
