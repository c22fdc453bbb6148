import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const clusters = new Intl.Segmenter();

/** The columns of a terminal that a text takes: colours take none, a wide character takes two. */
export const widthOf = (text: string): number => stringWidth(text);

/** The text, or its beginning with an ellipsis, in at most `width` columns. A cut text has no colours. */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of clusters.segment(stripVTControlCharacters(text))) {
    used += widthOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
};
