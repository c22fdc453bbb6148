import type { Command } from 'commander';
import { usageError } from '../../errors.ts';
import { readConfig, writeConfig } from '../../target/config.ts';
import { profileField, profileName, withProfile } from '../../target/profile.ts';
import { note } from '../../ui/output.ts';
import { askSecret } from '../../ui/secret-prompt.ts';

export const define = (parent: Command): void => {
  parent
    .command('set')
    .summary('set one field of a profile')
    .description(
      'Set one field of a profile. Without a value the program asks for it and does not show what you type, so that a key is not kept in the history of your shell.',
    )
    .argument('<field>', 'url, api_key, user or workspace')
    .argument('[value]', 'the new value')
    .option('--profile <name>', 'the profile (default: the one in use)')
    .action(set);
};

const set = async (text: string, given: string | undefined, options: { readonly profile?: string }): Promise<void> => {
  const field = profileField(text);
  const config = await readConfig();
  const name = profileName(config, options.profile);
  const value = given ?? (await askSecret(field));
  if (value === '') throw usageError(`${field} can’t be empty.`, 'To remove a profile, use `onmemos config rm`.');
  await writeConfig(withProfile(config, name, { [field]: value }));
  note(`Profile ${name}: ${field} is set.`);
};
