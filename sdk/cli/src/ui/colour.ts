import { styleText } from 'node:util';

export type Paint = (text: string) => string;

export interface Palette {
  readonly on: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

const paint =
  (on: boolean, style: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'): Paint =>
  (text) =>
    // Whether there are colours is decided here, for the stream that is written to.
    on && text !== '' ? styleText(style, text, { validateStream: false }) : text;

export const palette = (on: boolean): Palette => ({
  on,
  bold: paint(on, 'bold'),
  dim: paint(on, 'dim'),
  red: paint(on, 'red'),
  green: paint(on, 'green'),
  yellow: paint(on, 'yellow'),
  cyan: paint(on, 'cyan'),
});

/** Colour only on a terminal, and never if NO_COLOR has a value (no-color.org) or TERM is `dumb`. */
export const wantsColour = (stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean =>
  stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';

export const coloursOf = (stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Palette =>
  palette(wantsColour(stream, env));

const GOOD = new Set(['running', 'active', 'exited', 'available', 'ok']);
const BUSY = new Set(['creating', 'terminating', 'deleting']);
const BAD = new Set(['failed', 'lost', 'killed', 'timed_out', 'unavailable']);

/** A status in the colour that people expect of it. */
export const paintStatus = (status: string, colours: Palette): string => {
  if (GOOD.has(status)) return colours.green(status);
  if (BUSY.has(status)) return colours.yellow(status);
  return BAD.has(status) ? colours.red(status) : colours.dim(status);
};
