import type { Language, Snippet } from './snippets.ts';

/** Printed behind each block, alone on its line. */
const MARK = '\u001e';

const MARKS: Readonly<Record<Language, string>> = {
  sh: `printf '\\036\\n'`,
  python: `print("\\x1e", flush=True)`,
  ts: `console.log('\\x1e');`,
};

/** The blocks as one program, each on the lines that it has in the page, so that errors name those. */
export const programOf = (language: Language, blocks: readonly Snippet[]): string => {
  let program = '';
  let line = 1;
  for (const block of blocks) {
    program += '\n'.repeat(block.line - line) + block.text;
    program += `${MARKS[language]}\n`;
    line = block.line + block.text.split('\n').length;
  }
  return program;
};

/** What each block printed. @throws Error where the program did not come to the end of each */
export const outputsOf = (printed: string, count: number): readonly string[] => {
  const outputs = printed.split(`${MARK}\n`);
  if (outputs.length <= count) throw new Error(`only ${outputs.length - 1} of ${count} blocks ended:\n${printed}`);
  return outputs.slice(0, count);
};

/** Comments that say what is printed: `# -> text`, or `// -> text` in TypeScript, a line each. */
const COMMENTS: Readonly<Record<Language, RegExp>> = {
  sh: /^# -> (.*)$/gm,
  python: /# -> (.*)$/gm,
  ts: /\/\/ -> (.*)$/gm,
};

/**
 * What a block says that it prints, by its comments or by the `text` block behind it. Null where it says nothing: a shell
 * block without either may print anything.
 */
export const saidBy = (language: Language, block: Snippet): string | null => {
  if (block.said !== null) return block.said;
  const pattern = COMMENTS[language];
  const lines = [...block.text.matchAll(pattern)].map((match) => `${match[1]}\n`);
  return language === 'sh' && lines.length === 0 ? null : lines.join('');
};

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const lineOf = (line: string): string =>
  line.trim() === '...'
    ? '(?:.*\\n)*?'
    : `${escaped(line.trimEnd()).replaceAll('\\.\\.\\.', '.*').replaceAll(/ {2,}/g, ' +')} *\\n`;

/**
 * Whether a text is as was said: `...` in a line is anything, and on a line of its own any number of lines. Two blanks and
 * more are a column's end, whose place depends on what stands above and below.
 */
export const fits = (printed: string, said: string): boolean => {
  const lines = said.trimEnd().split('\n');
  const pattern = said.trim() === '' ? '' : lines.map(lineOf).join('');
  return new RegExp(`^${pattern}$`).test(printed.trimEnd() === '' ? '' : `${printed.trimEnd()}\n`);
};
