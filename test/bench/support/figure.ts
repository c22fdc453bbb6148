/** A bound that a figure is to keep, as `<= 30` or `>= 0.5`. */
export interface Goal {
  readonly sign: '<=' | '>=';
  readonly bound: number;
}

/** One measured figure. */
export interface Figure {
  readonly id: string;
  /** What was measured, how often and by whom, in a few words. */
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: Goal | null;
  /** The same thing without the product, measured in the same run, in the same unit. */
  readonly floor: number | null;
  /** The product over its floor; null where there is none. */
  readonly ratio: number | null;
}

export const atMost = (bound: number): Goal => ({ sign: '<=', bound });
export const atLeast = (bound: number): Goal => ({ sign: '>=', bound });

/** null where nothing was promised. */
export const isMet = ({ goal, value }: Pick<Figure, 'goal' | 'value'>): boolean | null => {
  if (goal === null) return null;
  return goal.sign === '<=' ? value <= goal.bound : value >= goal.bound;
};

export const figure = (
  id: string,
  what: string,
  value: number,
  unit: string,
  more: { readonly goal?: Goal; readonly floor?: number; readonly ratio?: number } = {},
): Figure => {
  const { goal = null, floor = null } = more;
  return { id, what, value, unit, goal, floor, ratio: more.ratio ?? (floor === null ? null : value / floor) };
};

const rounded = (value: number | null): number | null =>
  value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(4));

const goalText = (goal: Goal | null): string | null => (goal === null ? null : `${goal.sign} ${goal.bound}`);

/** One object a line. */
export const toJson = (each: Figure): string =>
  JSON.stringify({
    id: each.id,
    value: rounded(each.value),
    unit: each.unit,
    goal: goalText(each.goal),
    floor: rounded(each.floor),
    ratio: rounded(each.ratio),
    met: isMet(each),
    what: each.what,
  });

const MET = { true: 'met', false: 'NOT MET', null: '' } as const;
const WIDTHS = [20, 12, 9, 10, 9, 8, 8] as const;

const row = (cells: readonly string[], what: string): string =>
  `${cells.map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[i] ?? 0))).join(' ')}  ${what}`;

const short = (value: number | null): string => {
  const shown = rounded(value);
  return shown === null ? '' : String(shown);
};

export const tableHead = (): string =>
  row(['figure', 'value', 'unit', 'goal', 'floor', 'ratio', ''], 'what was measured');

export const toRow = (each: Figure): string =>
  row(
    [
      each.id,
      short(each.value),
      each.unit,
      goalText(each.goal) ?? '',
      short(each.floor),
      short(each.ratio),
      MET[`${isMet(each)}`],
    ],
    each.what,
  );
