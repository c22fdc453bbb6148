import type { Command } from 'commander';
import { CliError } from '../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { type Config, readConfig, writeConfig } from '../../target/config.ts';
import { note } from '../../ui/output.ts';
import { ALIASES } from '../../verbs.ts';

export const define = (parent: Command): void => {
  parent
    .command('rm')
    .aliases(ALIASES['rm'] ?? [])
    .summary('forget a profile and its key')
    .description('Forget a profile and its key. The key itself stays valid: `onmemos keys rm` revokes it.')
    .argument('<profile>', 'its name')
    .action(rm);
};

/** The config without the profile. If it was in use, the default profile is used from now on. */
const without = ({ current, profiles }: Config, name: string): Config => ({
  ...(current === undefined || current === name ? {} : { current }),
  profiles: Object.fromEntries(Object.entries(profiles).filter(([one]) => one !== name)),
});

const rm = async (name: string): Promise<void> => {
  const config = await readConfig();
  if (!config.profiles[name]) {
    throw new CliError(`There is no profile ${name}.`, {
      exit: EXIT.notFound,
      hint: '`onmemos config ls` lists them.',
    });
  }
  await writeConfig(without(config, name));
  note(`Profile ${name} is deleted.`);
};
