import type { Command } from 'commander';
import { connect } from '../connect.ts';
import { type CommonOptions, withCommon } from '../options.ts';
import { note, print, printRaw } from '../ui/output.ts';
import { during } from '../ui/progress.ts';

interface Options extends CommonOptions {
  readonly user?: string;
}

export const define = (command: Command): void => {
  withCommon(command).option('--user <id>', 'only of this user').action(cleanup);
};

const cleanup = async (options: Options): Promise<void> => {
  const { client } = await connect(options);
  const answer = await during('Ending expired sessions', client.sessions.cleanup(options.user));
  if (printRaw(options, answer)) return;
  if (options.quiet) return print(String(answer.cleaned));
  const { cleaned } = answer;
  note(
    cleaned === 0
      ? 'No session has expired.'
      : `Ended ${cleaned === 1 ? '1 session' : `${cleaned} sessions`} past their time.`,
  );
};
