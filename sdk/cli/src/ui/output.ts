import { usageError } from '../errors.ts';
import { coloursOf } from './colour.ts';
import { fillFormat } from './format.ts';
import { shortIds } from './short-ids.ts';
import { type Column, details, table } from './table.ts';
import { prepareWidths } from './text-width.ts';

/** How an answer can be shown, beside the usual table. */
const FORMS = ['table', 'wide', 'json'] as const;
type Form = (typeof FORMS)[number];

/** @throws CliError usage */
export const parseForm = (text: string): Form => {
  const form = FORMS.find((one) => one === text);
  if (form === undefined) throw usageError(`--output can’t be ${text}.`, `It is ${FORMS.join(', ')}.`);
  return form;
};

export interface AnswerOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly output?: Form;
  readonly format?: string;
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

const wantsJson = ({ json, output }: AnswerOptions): boolean => json === true || output === 'json';

/** Whether the answer is for scripts: as JSON, or in a format. */
export const isRaw = (options: AnswerOptions): boolean => wantsJson(options) || options.format !== undefined;

/**
 * Prints an answer for scripts if the options ask for that: the server's JSON, or each item in the given format.
 * @param items the items of the answer, if it is not one item
 * @returns whether it was printed
 */
export const printRaw = (options: AnswerOptions, answer: unknown, items: readonly unknown[] = [answer]): boolean => {
  if (options.format !== undefined) for (const item of items) print(fillFormat(options.format, item));
  else if (wantsJson(options)) printJson(answer);
  return isRaw(options);
};

/** The width of the terminal; undefined if stdout is not a terminal, and for the wide form. */
export const widthLimit = ({ output }: AnswerOptions = {}): number | undefined =>
  process.stdout.isTTY && output !== 'wide' ? process.stdout.columns : undefined;

/** Prints a table, as wide as the terminal at most. */
export const printTable = async (
  options: AnswerOptions,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<void> => {
  await prepareWidths(rows.flat());
  print(table(columns, rows, { limit: widthLimit(options), title: coloursOf(process.stdout).dim }));
};

/** Prints a list as the options say: a table, the server's JSON, a line in a format, or ids only. */
export const printList = async <T>(
  options: AnswerOptions,
  items: readonly T[],
  shape: {
    readonly columns: readonly Column[];
    /** @param short shortens the id of an item where a person reads it */
    readonly row: (item: T, short: (id: string) => string) => readonly string[];
    readonly id: (item: T) => string;
    /** Printed on stderr if the list is empty. */
    readonly empty: string;
  },
): Promise<void> => {
  if (printRaw(options, items, items)) return;
  if (options.quiet) for (const item of items) print(shape.id(item));
  else if (items.length === 0) note(shape.empty);
  else {
    // What is piped into another program has whole ids.
    const short = widthLimit(options) === undefined ? (id: string) => id : shortIds(items.map(shape.id));
    await printTable(
      options,
      shape.columns,
      items.map((item) => shape.row(item, short)),
    );
  }
};

/** Prints one item as the options say: its entries, the server's JSON, a line in a format, or its id. */
export const printOne = <T>(
  options: AnswerOptions,
  item: T,
  shape: {
    readonly id: string;
    readonly entries: readonly (readonly [string, string | number | null | undefined])[];
  },
): void => {
  if (printRaw(options, item)) return;
  print(options.quiet ? shape.id : details(shape.entries, coloursOf(process.stdout).dim, widthLimit(options)));
};

/** Says on stderr what was done. Scripts get the JSON, a line in a format, or the id on stdout instead. */
export const printDone = (options: AnswerOptions, item: unknown, id: string, sentence: string): void => {
  if (printRaw(options, item)) return;
  if (options.quiet) print(id);
  else note(sentence);
};
