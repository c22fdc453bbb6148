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

/** One line on stderr: what is said beside the answer. */
export const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** The width that tables must fit into; none if stdout is not a terminal. */
const limit = (): number | undefined => (process.stdout.isTTY ? process.stdout.columns : undefined);

/** A list as it was asked for: a table, the wire's own answer, or ids alone. */
export const printList = <T>(
  options: AnswerOptions,
  items: readonly T[],
  shape: {
    readonly columns: readonly Column[];
    readonly row: (item: T) => readonly string[];
    readonly id: (item: T) => string;
    /** Said on stderr where there is nothing. */
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

/** One thing as it was asked for. */
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

/** What was done, for people on stderr; scripts get the answer or the id. */
export const printDone = (options: AnswerOptions, item: unknown, id: string, sentence: string): void => {
  if (options.json) printJson(item);
  else if (options.quiet) print(id);
  else note(sentence);
};
