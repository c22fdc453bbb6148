import { stripVTControlCharacters } from 'node:util';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be cut with an ellipsis in a narrow terminal. Ids and numbers are never cut. */
  readonly shrinks?: boolean;
}

const SMALLEST_SHRUNK = 8;
const GAP = '  ';

/** Text from users or the server on one line, without control characters. */
export const plain = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();

const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length;

const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  return `${[...stripVTControlCharacters(text)].slice(0, width - 1).join('')}…`;
};

/** Widths that fit into the limit. Columns that may shrink do so, the widest first. */
const fitted = (columns: readonly Column[], natural: readonly number[], limit: number): readonly number[] => {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1) - limit;
  while (over > 0) {
    const candidates = widths.map((width, i) => (columns[i]?.shrinks && width > SMALLEST_SHRUNK ? width : 0));
    const widest = Math.max(0, ...candidates);
    if (widest === 0) break;
    const at = candidates.indexOf(widest);
    widths[at] = widest - 1;
    over -= 1;
  }
  return widths;
};

/**
 * Rows under their titles, in columns.
 * @param limit the width of the terminal; without one nothing is cut
 */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { readonly limit?: number | undefined; readonly title?: (text: string) => string } = {},
): string => {
  const natural = columns.map(({ title }, i) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[i] ?? ''))));
  const widths = options.limit === undefined ? natural : fitted(columns, natural, options.limit);
  const line = (cells: readonly string[], paint: (text: string) => string = (text) => text): string =>
    columns
      .map(({ align }, i) => {
        const width = widths[i] ?? 0;
        const cell = cut(cells[i] ?? '', width);
        const pad = ' '.repeat(Math.max(0, width - widthOf(cell)));
        return align === 'right' ? pad + paint(cell) : paint(cell) + pad;
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      columns.map(({ title }) => title),
      options.title,
    ),
    ...rows.map((row) => line(row)),
  ].join('\n');
};

/** Names and values, a line each. Missing values are left out. */
export const details = (
  entries: readonly (readonly [string, string | number | null | undefined])[],
  name: (text: string) => string = (text) => text,
): string => {
  const told = entries.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(0, ...told.map(([label]) => label.length));
  return told.map(([label, value]) => `${name(`${label}:`)}${' '.repeat(width - label.length + 2)}${value}`).join('\n');
};
