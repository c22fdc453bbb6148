import type { Command } from 'commander';
import { CliError } from '../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { readConfig } from '../../target/config.ts';
import { profileField, profileName } from '../../target/profile.ts';
import { print } from '../../ui/output.ts';
import { ALIASES } from '../../verbs.ts';

export const define = (parent: Command): void => {
  parent
    .command('get')
    .aliases(ALIASES['get'] ?? [])
    .summary('print one field of a profile')
    .description('Print one field of a profile.')
    .argument('<field>', 'url, api_key, user or workspace')
    .option('--profile <name>', 'the profile (default: the one in use)')
    .action(get);
};

const get = async (text: string, options: { readonly profile?: string }): Promise<void> => {
  const field = profileField(text);
  const config = await readConfig();
  const name = profileName(config, options.profile);
  const value = config.profiles[name]?.[field];
  if (value === undefined) {
    const hint = `onmemos config set ${field} VALUE --profile ${name}`;
    throw new CliError(`Profile ${name} has no ${field}.`, { exit: EXIT.notFound, hint });
  }
  print(value);
};
