import type { Command } from 'commander';
import { DEFAULT_PROFILE, readConfig } from '../../target/config.ts';
import { keyHint } from '../../target/profile.ts';
import { type AnswerOptions, printList } from '../../ui/output.ts';
import { plain } from '../../ui/table.ts';
import { ALIASES } from '../../verbs.ts';

const COLUMNS = [
  { title: '' },
  { title: 'PROFILE' },
  { title: 'URL', shrinks: true },
  { title: 'KEY' },
  { title: 'USER' },
  { title: 'WORKSPACE' },
] as const;

export const define = (parent: Command): void => {
  parent
    .command('ls')
    .aliases(ALIASES['ls'] ?? [])
    .summary('list profiles')
    .description('List profiles; a star marks the one in use. Keys are never shown.')
    .option('--json', 'for scripts, without keys')
    .option('-q, --quiet', 'print names only')
    .action(ls);
};

const ls = async (options: AnswerOptions): Promise<void> => {
  const config = await readConfig();
  const current = config.current ?? DEFAULT_PROFILE;
  const profiles = Object.entries(config.profiles).map(([name, { api_key, ...rest }]) => ({
    name,
    current: name === current,
    ...rest,
    key: keyHint(api_key),
  }));
  await printList(options, profiles, {
    columns: COLUMNS,
    row: (one) => [
      one.current ? '*' : '',
      one.name,
      plain(one.url ?? '-'),
      one.key,
      plain(one.user ?? '-'),
      plain(one.workspace ?? '-'),
    ],
    id: ({ name }) => name,
    empty: 'There is no profile. `onmemos login` creates one; without a profile the local server is used.',
  });
};
