import { type Palette, coloursOf, paintStatus } from './ui/colour.ts';
import { plain } from './ui/table.ts';

/** Colours for what goes to stdout. */
export const colours = (): Palette => coloursOf(process.stdout);

export const status = (text: string): string => paintStatus(text, colours());

/** `a=1, b=2`, in the order of the names. */
export const labels = (of: Readonly<Record<string, string>>): string =>
  plain(
    Object.keys(of)
      .sort()
      .map((name) => `${name}=${of[name]}`)
      .join(', '),
  );

export const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
