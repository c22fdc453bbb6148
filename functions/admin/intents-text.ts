import { epochMs } from '#ports/clock.ts';
import { OFTEN } from '#services/lifecycle/intents.ts';
import type { IntentDoc } from '#services/model/docs.ts';
import { PROGRAM } from './args.ts';

export interface Screen {
  /** Columns of the terminal; null where it is none, and nothing is cut. */
  readonly columns: number | null;
  readonly colour: boolean;
}

const RED = '\u001b[31m';
const PLAIN = '\u001b[39m';
const GAP = '  ';
const LEAST_COLUMNS = 60;

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const;

const ageText = (seconds: number): string => {
  for (const [size, unit] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return `${seconds} s`;
};

/** Errors are texts of others: no line break or control character of theirs reaches the terminal. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();

const cut = (text: string, columns: number): string => {
  const characters = [...text];
  return characters.length <= columns ? text : `${characters.slice(0, columns - 1).join('')}…`;
};

const secondsOld = ({ created_at }: IntentDoc, now: number): number =>
  Math.max(0, Math.floor((now - epochMs(created_at)) / 1000));

/** As `--json` prints them. */
export const intentsJson = (intents: readonly IntentDoc[], now: number): string =>
  JSON.stringify(
    intents.map((intent) => ({
      ...intent,
      age_seconds: secondsOld(intent, now),
      often: intent.attempt > OFTEN,
    })),
    null,
    2,
  );

const HEAD = ['INTENT', 'KIND', 'AGE', 'ATTEMPT', 'LAST ERROR'] as const;

const rowOf = (intent: IntentDoc, now: number): readonly string[] => [
  intent.id,
  intent.kind,
  ageText(secondsOld(intent, now)),
  `${intent.attempt}${intent.attempt > OFTEN ? ' !' : ''}`,
  oneLine(intent.last_error ?? '-'),
];

/** A table that fits the screen: the last column, with the error, is cut. */
export const intentsText = (
  intents: readonly IntentDoc[],
  more: boolean,
  now: number,
  { columns, colour }: Screen,
): string => {
  if (intents.length === 0) return 'No intent is open: all work is done.';
  const rows = [HEAD, ...intents.map((intent) => rowOf(intent, now))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const fits = Math.max(LEAST_COLUMNS, columns ?? Number.POSITIVE_INFINITY);
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)));
    return cut(cells.join(GAP).trimEnd(), fits);
  });
  const often = intents.filter(({ attempt }) => attempt > OFTEN).length;
  const marked = lines.map((line, n) =>
    colour && (intents[n - 1]?.attempt ?? 0) > OFTEN ? `${RED}${line}${PLAIN}` : line,
  );
  return [
    ...marked,
    ...(more ? [`There are more; --limit shows up to 1,000.`] : []),
    ...(often === 0
      ? []
      : [
          '',
          `! ${often === 1 ? 'One has' : `${often} have`} been tried more than ${OFTEN} times. Mend what the error says, then: ${PROGRAM} intents raise ID`,
        ]),
  ].join('\n');
};
