import type { Command } from 'commander';
import { status, yesNo } from '../answers.ts';
import { connect } from '../connect.ts';
import { type CommonOptions, leaf } from '../options.ts';
import { formatDuration } from '../ui/duration.ts';
import { printList } from '../ui/output.ts';
import { during } from '../ui/progress.ts';
import { plain } from '../ui/table.ts';

const COLUMNS = [
  { title: 'NAME' },
  { title: 'STATUS' },
  { title: 'DRIVER' },
  { title: 'ISOLATION' },
  { title: 'IMAGES', drop: 1 },
  { title: 'GPUS', shrinks: true, drop: 3 },
  { title: 'LONGEST LIFE', align: 'right', drop: 2 },
  { title: 'WHY', shrinks: true },
] as const;

export const define = (command: Command): void => {
  leaf(command, 'ls', 'list providers; if one is off, why', true).action(ls);
};

const ls = async (options: CommonOptions): Promise<void> => {
  const { client } = await connect(options);
  await printList(options, await during('Listing providers', client.providers.list().all()), {
    columns: COLUMNS,
    row: (one) => [
      one.name,
      status(one.available ? 'available' : 'off'),
      one.driver ?? '-',
      one.isolation ?? '-',
      yesNo(one.images),
      one.gpu_types.join(', ') || '-',
      one.max_life_minutes === null ? '-' : formatDuration(one.max_life_minutes * 60),
      plain(one.why ?? ''),
    ],
    id: ({ name }) => name,
    empty: 'This server has no providers.',
  });
};
