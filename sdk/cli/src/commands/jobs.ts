import type { Command } from 'commander';
import { type Exec, returncodeOf } from 'onmemos';
import { status } from '../answers.ts';
import { commandText } from '../command-line.ts';
import { connect } from '../connect.ts';
import { findSession } from '../find.ts';
import { isHelper } from '../helper-commands.ts';
import { type CommonOptions, SESSION_HELP, withCommon } from '../options.ts';
import { formatDuration } from '../ui/duration.ts';
import { printList } from '../ui/output.ts';
import { during } from '../ui/progress.ts';
import { formatSize } from '../ui/size.ts';
import { plain } from '../ui/table.ts';
import { relative } from '../ui/time.ts';

interface Options extends CommonOptions {
  readonly all?: boolean;
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'STATUS' },
  { title: 'CODE', align: 'right' },
  { title: 'STARTED', drop: 2 },
  { title: 'TOOK', align: 'right' },
  { title: 'OUTPUT', align: 'right', drop: 1 },
  { title: 'COMMAND', shrinks: true },
] as const;

export const define = (command: Command): void => {
  withCommon(command.argument('<session>', SESSION_HELP))
    .option('-a, --all', 'also those that `onmemos cp` started for copies that are done')
    .action(jobs);
};

const row = (exec: Exec, short: (id: string) => string): readonly string[] => {
  const until = exec.ended_at ? Date.parse(exec.ended_at) : Date.now();
  return [
    short(exec.exec_id),
    status(exec.status),
    `${returncodeOf(exec) ?? ''}${exec.truncated ? ' (output dropped)' : ''}`,
    relative(exec.started_at),
    formatDuration(Math.max(0, until - Date.parse(exec.started_at)) / 1000),
    formatSize(exec.next_offset),
    plain(commandText(exec)),
  ];
};

const jobs = async (typed: string, options: Options): Promise<void> => {
  const { client } = await connect(options);
  const id = await findSession(client, typed);
  const execs = await during('Listing commands', client.execs.list(id).all());
  await printList(options, options.all ? execs : execs.filter((exec) => exec.status === 'running' || !isHelper(exec)), {
    columns: COLUMNS,
    row,
    id: ({ exec_id }) => exec_id,
    empty: `No command was ever run in ${id}.`,
  });
};
