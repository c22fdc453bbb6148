import { stripVTControlCharacters } from 'node:util';
import { cut, widthOf } from './text-width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be cut with an ellipsis in a narrow terminal. Ids and numbers are never cut. */
  readonly shrinks?: boolean;
  /** Left out where the terminal is too narrow for all columns: 1 first. A column without a number always stays. */
  readonly drop?: number;
}

const SMALLEST_SHRUNK = 12;
const GAP = '  ';

/** Text from users or the server on one line, without control characters. */
export const plain = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();

const lineWidth = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, widths.length - 1);

/** The columns, by index, that have room in the limit if all that may shrink do so. */
const kept = (columns: readonly Column[], natural: readonly number[], limit: number): readonly number[] => {
  const smallest = natural.map((width, i) => (columns[i]?.shrinks ? Math.min(width, SMALLEST_SHRUNK) : width));
  const byDrop = columns
    .map(({ drop }, i) => ({ drop: drop ?? Number.POSITIVE_INFINITY, i }))
    .filter(({ drop }) => Number.isFinite(drop))
    .sort((a, b) => a.drop - b.drop);
  let stay = columns.map((_, i) => i);
  for (const { i } of byDrop) {
    if (lineWidth(stay.map((at) => smallest[at] ?? 0)) <= limit) break;
    stay = stay.filter((at) => at !== i);
  }
  return stay;
};

/** Widths that fit into the limit. Columns that may shrink do so, the widest first. */
const fitted = (columns: readonly Column[], natural: readonly number[], limit: number): readonly number[] => {
  const widths = [...natural];
  for (let over = lineWidth(widths) - limit; over > 0; over -= 1) {
    const candidates = widths.map((width, i) => (columns[i]?.shrinks && width > SMALLEST_SHRUNK ? width : 0));
    const widest = Math.max(0, ...candidates);
    if (widest === 0) break;
    widths[candidates.indexOf(widest)] = widest - 1;
  }
  return widths;
};

/**
 * Rows under their titles, in columns.
 * @param limit the width of the terminal; without one nothing is cut or left out
 */
export const table = (
  all: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { readonly limit?: number | undefined; readonly title?: (text: string) => string } = {},
): string => {
  const { limit } = options;
  const widest = all.map(({ title }, i) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[i] ?? ''))));
  const stay = limit === undefined ? all.map((_, i) => i) : kept(all, widest, limit);
  const columns = stay.flatMap((i) => all[i] ?? []);
  const natural = stay.map((i) => widest[i] ?? 0);
  const widths = limit === undefined ? natural : fitted(columns, natural, limit);
  const line = (cells: readonly string[], paint: (text: string) => string = (text) => text): string =>
    columns
      .map(({ align }, i) => {
        const width = widths[i] ?? 0;
        const cell = cut(cells[stay[i] ?? 0] ?? '', width);
        const pad = ' '.repeat(Math.max(0, width - widthOf(cell)));
        return align === 'right' ? pad + paint(cell) : paint(cell) + pad;
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      all.map(({ title }) => title),
      options.title,
    ),
    ...rows.map((row) => line(row)),
  ].join('\n');
};

/** A wrapped value that has less room than this is harder to read than a long line. */
const LEAST_WRAPPED = 20;

/** Words in lines of a width. A word is never cut: it may be an id or an address. */
export const wrapWords = (text: string, width: number): readonly string[] => {
  if (width < LEAST_WRAPPED || widthOf(text) <= width) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

/**
 * Names and values, a line each. Missing values are left out.
 * @param limit the width of the terminal: a longer value goes on under its beginning
 */
export const details = (
  entries: readonly (readonly [string, string | number | null | undefined])[],
  name: (text: string) => string = (text) => text,
  limit: number = Number.POSITIVE_INFINITY,
): string => {
  const told = entries.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(0, ...told.map(([label]) => widthOf(label)));
  const begin = width + 3;
  return told
    .map(([label, value]) => {
      const lines = wrapWords(String(value), limit - begin);
      return `${name(`${label}:`)}${' '.repeat(begin - 1 - widthOf(label))}${lines.join(`\n${' '.repeat(begin)}`)}`;
    })
    .join('\n');
};
