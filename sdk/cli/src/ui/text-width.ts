import { stripVTControlCharacters } from 'node:util';

type Measure = (text: string) => number;

/** Every character takes a column. This holds for most texts. */
const characters: Measure = (text) => [...stripVTControlCharacters(text)].length;

/** Beyond ASCII, only what this program draws itself is known to take a column: ellipses and bars. */
const NEEDS_LIBRARY = /[^ -~…█-▏]/;

let measure: Measure = characters;
let loaded = false;

/** To be awaited before texts are measured. The library takes half as long to load as the rest of this program. */
export const prepareWidths = async (texts: readonly string[]): Promise<void> => {
  if (loaded || !texts.some((text) => NEEDS_LIBRARY.test(stripVTControlCharacters(text)))) return;
  measure = (await import('string-width')).default;
  loaded = true;
};

/** The columns of a terminal that a text takes: colours take none, a wide character takes two. */
export const widthOf = (text: string): number => measure(text);

/** The text, or its beginning with an ellipsis, in at most `width` columns. A cut text has no colours. */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(stripVTControlCharacters(text))) {
    used += widthOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
};
