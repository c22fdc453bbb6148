import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readPriceFile } from '#domain/price-file.ts';
import { type PriceTable, priceTable } from '#domain/prices.ts';
import { BadSettings, type StandaloneSettings } from './settings.ts';

/** Most problems that are printed, because a wrong file may have a problem in every line. */
const MOST_PROBLEMS = 4;

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadSettings(
      `ONMEMOS_PRICES_FILE: ${path} can’t be read (${code}). Give a file that this user can read, or unset the variable.`,
    );
  }
};

type PriceSettings = Pick<StandaloneSettings, 'ONMEMOS_PRICES_FILE' | 'ONMEMOS_REGION'>;

/** The prices of this deployment, read once at its start. @throws BadSettings if the user's price file is not valid */
export const readPrices = (settings: PriceSettings): PriceTable => {
  const { ONMEMOS_PRICES_FILE: file, ONMEMOS_REGION: region } = settings;
  if (file === undefined) return priceTable(region);
  const path = resolve(file);
  const read = readPriceFile(readText(path), region);
  if (read.ok) return priceTable(region, read.file);
  const more = read.problems.length - MOST_PROBLEMS;
  throw new BadSettings(
    [
      ...read.problems.slice(0, MOST_PROBLEMS).map((problem) => `ONMEMOS_PRICES_FILE: ${path}: ${problem}`),
      ...(more > 0 ? [`ONMEMOS_PRICES_FILE: ${more} more problems.`] : []),
    ].join('\n'),
  );
};
