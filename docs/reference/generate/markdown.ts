/** A table; the pipes in its cells do not end them. */
export const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

/** A block of code that is no program of its own. */
export const block = (text: string): string => `\`\`\`\n${text}\n\`\`\``;

export const inCode = (text: string): string => `\`${text}\``;

/** Text of several lines in one, for a table. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
