import type { Command } from 'commander';
import { CliError } from '../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { readConfig, writeConfig } from '../../target/config.ts';
import { note } from '../../ui/output.ts';

export const define = (parent: Command): void => {
  parent
    .command('use')
    .summary('use a profile from now on')
    .description('Use a profile from now on.')
    .argument('<profile>', 'its name')
    .action(use);
};

const use = async (name: string): Promise<void> => {
  const config = await readConfig();
  if (!config.profiles[name]) {
    const hint = '`onmemos config ls` lists them, `onmemos login --profile NAME` makes one.';
    throw new CliError(`There is no profile ${name}.`, { exit: EXIT.notFound, hint });
  }
  await writeConfig({ ...config, current: name });
  note(`Profile ${name} is used from now on: ${config.profiles[name]?.url ?? 'it has no address yet'}.`);
};
