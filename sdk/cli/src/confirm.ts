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
  /** A rule such as --all chose them, and not their names: without a terminal this needs --yes. */
  readonly unnamed?: boolean;
}

const MOST_SHOWN = 20;

/** Whether a person can be asked. */
export const canAsk = ({ yes }: YesOption): boolean =>
  yes !== true && process.stdin.isTTY === true && process.stderr.isTTY === true;

/**
 * Asks before something is destroyed. Without a terminal there is no person to ask: then what the command line names is
 * destroyed, and what it does not name needs --yes.
 * @throws CliError if the person says no, or --yes is missing
 */
export const confirm = async (options: YesOption, { lines, question, unnamed = false }: Destroyed): Promise<void> => {
  if (options.yes || lines.length === 0) return;
  if (!canAsk(options)) {
    if (!unnamed) return;
    throw usageError(`${question} There is no terminal on which to answer that.`, 'Repeat the command with --yes.');
  }
  for (const line of lines.slice(0, MOST_SHOWN)) note(`  ${line}`);
  if (lines.length > MOST_SHOWN) note(`  and ${lines.length - MOST_SHOWN} more`);
  const answer = await ask(`${question} [y/N]`);
  if (!/^y(es)?$/i.test(answer)) throw new CliError('Nothing was changed.');
};
