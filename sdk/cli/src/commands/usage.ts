import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Usage } from 'onmemos';
import { Interrupts, orAborted } from '../bridge/interrupts.ts';
import { connect } from '../connect.ts';
import { usageError } from '../errors.ts';
import { findLiveSession } from '../find.ts';
import { type CommonOptions, SESSION_HELP, withCommon } from '../options.ts';
import { bar } from '../ui/bars.ts';
import { parseEvery } from '../ui/duration.ts';
import { isRaw, print, printRaw } from '../ui/output.ts';
import { formatMegabytes } from '../ui/size.ts';
import { details } from '../ui/table.ts';

interface Options extends CommonOptions {
  readonly watch?: boolean;
  readonly every?: number;
}

const BAR_WIDTH = 20;
const USUAL_SECONDS = 2;

export const define = (command: Command): void => {
  withCommon(command.argument('<session>', SESSION_HELP))
    .option('--watch', 'repeat until Ctrl-C or the session ends')
    .option('--every <duration>', 'how often with --watch; a bare number is seconds (default: 2s)', parseEvery)
    .action(usage);
};

const megabytes = (value: number | null): string => (value === null ? 'unknown' : formatMegabytes(value));

/** The usage for people, with a bar if memory has a limit. */
export const usageText = (now: Usage): string => {
  const { memory_mb, memory_limit_mb } = now;
  const share =
    memory_mb !== null && memory_limit_mb
      ? ` of ${formatMegabytes(memory_limit_mb)}  ${bar(memory_mb / memory_limit_mb, BAR_WIDTH)}`
      : '';
  return details([
    ['CPU', now.cpu_percent === null ? 'unknown' : `${now.cpu_percent.toFixed(1)}%`],
    ['Memory', `${megabytes(memory_mb)}${share}`],
    ['Disk', megabytes(now.disk_mb)],
    ['Processes', now.processes ?? 'unknown'],
  ]);
};

const usage = async (typed: string, options: Options): Promise<void> => {
  if (options.every !== undefined && !options.watch)
    throw usageError('--every is how often it measures with --watch.', 'Add --watch, or leave out --every.');
  const { client } = await connect(options);
  const id = await findLiveSession(client, typed);
  const onTerminal = process.stdout.isTTY === true;
  const show = (now: Usage, again: boolean): void => {
    const text = usageText(now);
    if (options.quiet) print(id);
    else if (options.format !== undefined) printRaw(options, now);
    else if (isRaw(options)) print(JSON.stringify(now, null, options.watch ? undefined : 2));
    else if (!options.watch || !onTerminal) print(again ? `\n${text}` : text);
    else {
      // Overwrites the previous figures, line by line.
      const lines = text.split('\n');
      process.stdout.write(
        (again ? `\u001b[${lines.length}A` : '') + lines.map((line) => `${line}\u001b[K\n`).join(''),
      );
    }
  };
  show(await client.sessions.usage(id), false);
  if (!options.watch) return;
  using interrupts = new Interrupts();
  for (;;) {
    await orAborted(pause((options.every ?? USUAL_SECONDS) * 1000), interrupts.signal);
    try {
      show(await client.sessions.usage(id), true);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'session_not_running') return;
      throw error;
    }
  }
};
