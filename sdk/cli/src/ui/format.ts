import { usageError } from '../errors.ts';
import { plain } from './table.ts';

export const FORMAT_HELP = "a line for each item, such as '{id} {labels.name}'";

const HOLE = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\t': '\t', '\\n': '\n' };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** @throws CliError usage, with the names of the fields, if there is no such field */
const valueAt = (item: unknown, path: string): unknown => {
  let at = item;
  for (const name of path.split('.')) {
    // Inside of a field there are names that users choose, such as those of labels: not every item has each.
    if (at !== item && (!isRecord(at) || !Object.hasOwn(at, name))) return '';
    if (!isRecord(at) || !Object.hasOwn(at, name)) {
      throw usageError(
        `--format: there is no field {${path}}.`,
        `There are: ${Object.keys(isRecord(item) ? item : {}).join(', ')}.`,
      );
    }
    at = at[name];
  }
  return at;
};

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : plain(String(value));
};

/**
 * Fills a format such as `{id}\t{labels.name}` with the fields of an item, as `--json` prints them. `{{` is a brace.
 * @throws CliError usage for a field that there is not, and for a brace alone
 */
export const fillFormat = (format: string, item: unknown): string =>
  format
    .replace(/\\[tn]/g, (pair) => ESCAPES[pair] ?? pair)
    .replace(HOLE, (hole: string, path: string | undefined) => {
      if (hole === '{{' || hole === '}}') return hole.charAt(0);
      if (path === undefined || path.trim() === '')
        throw usageError(`--format: "${hole}" is not a field.`, 'Fields look like {id}. Write {{ for a brace.');
      return textOf(valueAt(item, path.trim()));
    });
