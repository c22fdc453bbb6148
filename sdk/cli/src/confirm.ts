import { CliError, usageError } from './errors.ts';
import { note } from './ui/output.ts';
import { ask } from './ui/secret-prompt.ts';

export interface YesOption {
  readonly yes?: boolean;
}

/** What is about to be destroyed. */
export interface Destroyed {
  /** Each thing, a line. */
  readonly lines: readonly string[];
  /** `End these 3 sessions?` */
  readonly question: string;
  /** Where no person can be asked, --yes must be there: stored data is lost, or a rule such as --all chose, not a name. */
  readonly needsYes?: boolean;
}

const MOST_SHOWN = 20;

/** Whether a person can be asked. */
export const canAsk = ({ yes }: YesOption): boolean =>
  yes !== true && process.stdin.isTTY === true && process.stderr.isTTY === true;

/**
 * Asks before something is destroyed. Without a terminal no person can be asked: then some things need --yes, and all
 * others are destroyed as the command line says.
 * @throws CliError if the person says no, or --yes is missing
 */
export const confirm = async (options: YesOption, { lines, question, needsYes = false }: Destroyed): Promise<void> => {
  if (options.yes || lines.length === 0) return;
  if (!canAsk(options)) {
    if (!needsYes) return;
    const what = lines.slice(0, MOST_SHOWN).map((line) => `\n  ${line}`);
    throw usageError(
      `${question} There is no terminal on which to answer that.${what.join('')}`,
      'Repeat the command with --yes.',
    );
  }
  for (const line of lines.slice(0, MOST_SHOWN)) note(`  ${line}`);
  if (lines.length > MOST_SHOWN) note(`  and ${lines.length - MOST_SHOWN} more`);
  const answer = await ask(`${question} [y/N]`);
  if (!/^y(es)?$/i.test(answer)) throw new CliError('Nothing was changed.');
};
