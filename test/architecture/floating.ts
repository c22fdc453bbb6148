/** Code with comments, and the contents of strings, blanked out: every other character keeps its place. */
const blanked = (text: string): string =>
  text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, (found) =>
    found.replace(/[^\n]/g, ' '),
  );

const OPENS = '([{';
const CLOSES = ')]}';

/** Where the statement or argument begins that `at` is part of; `inside`: it is an argument or an element. */
const beginOf = (code: string, at: number): { readonly start: number; readonly inside: boolean } => {
  let depth = 0;
  for (let i = at - 1; i >= 0; i--) {
    const char = code[i] ?? '';
    // A block that ends before a line which does not go on with it is a statement of its own.
    const blockEnds = char === '}' && depth === 0 && !/^\s*[.,;:?)\]}]/.test(code.slice(i + 1));
    if (blockEnds || (char === ';' && depth === 0)) return { start: i + 1, inside: false };
    if (CLOSES.includes(char)) depth++;
    else if (OPENS.includes(char)) {
      if (depth === 0) return { start: i + 1, inside: char !== '{' };
      depth--;
    }
  }
  return { start: 0, inside: false };
};

/** What follows `await`, `return`, `=` or `=>` is somebody's; so is an argument, an element or a property. */
const OWNED = /^\s*(await|return|yield|throw|const|let)\b|[^=!<>]=[^=>]|=>|^\s*[\w'"]+\s*:/;

/**
 * Lines that start a promise which nobody awaits: `void promise`, or a statement that ends in `.then(`, `.catch(` or
 * `.finally(`. By the text alone, so formatted code is expected.
 */
export const floatingLines = (text: string): readonly number[] => {
  const code = blanked(text);
  const places = [...code.matchAll(/\bvoid +(?=[A-Za-z_(])/g)].map(({ index }) => index);
  for (const { index } of code.matchAll(/\.(then|catch|finally)\(/g)) {
    const { start, inside } = beginOf(code, index);
    if (!inside && !OWNED.test(code.slice(start, index))) places.push(index);
  }
  const lineOf = (index: number): number => code.slice(0, index).split('\n').length;
  return [...new Set(places.map(lineOf))].sort((a, b) => a - b);
};
