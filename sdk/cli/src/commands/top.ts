import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { OnMemOSClient, SessionRecord, Usage } from 'onmemos';
import { Interrupts, orAborted } from '../bridge/interrupts.ts';
import { rawMode } from '../bridge/terminal.ts';
import { connect } from '../connect.ts';
import { CliError, usageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { type CommonOptions, withCommon } from '../options.ts';
import { NAME_LABEL, workspaceOf } from '../session-options.ts';
import { coloursOf } from '../ui/colour.ts';
import { parseEvery } from '../ui/duration.ts';
import { isRaw, printList, widthLimit } from '../ui/output.ts';
import { shortIds } from '../ui/short-ids.ts';
import { formatMegabytes } from '../ui/size.ts';
import { plain, table } from '../ui/table.ts';
import { prepareWidths } from '../ui/text-width.ts';
import { relative } from '../ui/time.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends CommonOptions {
  readonly user?: string;
  readonly workspace?: string;
  readonly every?: number;
  readonly once?: boolean;
}

/** A live session, and what it uses; null if it could not be measured, as while it is created. */
export interface Measured {
  readonly session: SessionRecord;
  readonly usage: Usage | null;
}

const AT_ONCE = 8;
const CTRL_C = 0x03;
const USUAL_SECONDS = 2;
const QUIT = new Set(['q', 'Q'].map((key) => key.charCodeAt(0)));

const COLUMNS = [
  { title: 'ID' },
  { title: 'NAME', shrinks: true },
  { title: 'USER', shrinks: true, drop: 2 },
  { title: 'CPU', align: 'right' },
  { title: 'MEMORY', align: 'right' },
  { title: 'LIMIT', align: 'right', drop: 3 },
  { title: 'DISK', align: 'right' },
  { title: 'PROCESSES', align: 'right', drop: 1 },
  { title: 'ENDS' },
] as const;

const DETAILS = `
On a terminal, shows the sessions again and again, the busiest first; q or Ctrl-C ends it. Elsewhere, prints them once.`;

export const define = (command: Command): void => {
  withCommon(command)
    .option('--user <id>', 'only of this user')
    .option('-w, --workspace <id>', 'only of this workspace, or OWNER/ID')
    .option('--every <duration>', 'how often it measures; a bare number is seconds (default: 2s)', parseEvery)
    .option('--once', 'measure once, and end')
    .addHelpText('after', wrap(DETAILS))
    .action(top);
};

const megabytes = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : formatMegabytes(value);

const row = ({ session, usage }: Measured, short: (id: string) => string): readonly string[] => [
  short(session.id),
  plain(session.labels[NAME_LABEL] ?? '-'),
  plain(session.user),
  usage?.cpu_percent === null || usage === null ? '-' : `${usage.cpu_percent.toFixed(1)}%`,
  megabytes(usage?.memory_mb),
  megabytes(usage?.memory_limit_mb),
  megabytes(usage?.disk_mb),
  String(usage?.processes ?? '-'),
  relative(session.expires_at),
];

/** Measures some sessions at a time. The busiest is first, then the one with most memory. */
export const measure = async (
  client: OnMemOSClient,
  sessions: readonly SessionRecord[],
  signal?: AbortSignal,
): Promise<readonly Measured[]> => {
  const found: Measured[] = [];
  const waiting = [...sessions];
  const worker = async (): Promise<void> => {
    for (let session = waiting.shift(); session !== undefined; session = waiting.shift()) {
      const usage = await client.sessions.usage(session.id, signal ? { signal } : {}).catch((error: unknown) => {
        signal?.throwIfAborted();
        // It may have ended meanwhile, or not run yet.
        if (error instanceof Error && 'code' in error && error.code === 'connection_failed') throw error;
        return null;
      });
      found.push({ session, usage });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const rank = ({ usage }: Measured): number => (usage?.cpu_percent ?? -1) * 1e6 + (usage?.memory_mb ?? 0);
  return found.sort((a, b) => rank(b) - rank(a));
};

const top = async (options: Options): Promise<void> => {
  const onTerminal = process.stdout.isTTY === true && process.stdin.isTTY === true;
  const again = onTerminal && !options.once && !isRaw(options) && options.quiet !== true;
  if (options.every !== undefined && !again)
    throw usageError('--every is for a terminal, where it measures again and again.', 'Leave it out to measure once.');
  const { client } = await connect(options, again);
  using interrupts = new Interrupts();
  const filters = {
    ...(options.user ? { user: options.user } : {}),
    ...(options.workspace ? workspaceOf(options.workspace) : {}),
  };
  const look = async (): Promise<readonly Measured[]> => {
    const all = await client.sessions.list(filters).all();
    const live = all.filter(({ ended_at }) => ended_at === null);
    return measure(client, live, interrupts.signal);
  };
  if (!again) {
    const found = (await look()).map((one) => ({ ...one.session, usage: one.usage }));
    return printList(options, found, {
      columns: COLUMNS,
      row: (one, short) => row({ session: one as SessionRecord, usage: one.usage }, short),
      id: ({ id }) => id,
      empty: 'There are no live sessions.',
    });
  }
  await repeat(look, options, interrupts.signal);
};

/** Draws over what was drawn before, until a key or a signal ends it. */
const repeat = async (
  look: () => Promise<readonly Measured[]>,
  options: Options,
  signal: AbortSignal,
): Promise<void> => {
  const keys = new AbortController();
  const restore = rawMode();
  process.stdin.on('data', (bytes: Buffer) => {
    if (bytes.includes(CTRL_C)) keys.abort(new CliError('', { exit: EXIT.interrupted }));
    else if (bytes.some((byte) => QUIT.has(byte))) keys.abort(null);
  });
  const over = AbortSignal.any([signal, keys.signal]);
  const { dim } = coloursOf(process.stdout);
  try {
    while (!over.aborted) {
      const found = await orAborted(look(), over);
      const short = shortIds(found.map(({ session }) => session.id));
      const rows = found.slice(0, Math.max(1, process.stdout.rows - 2)).map((one) => row(one, short));
      await prepareWidths(rows.flat());
      const text =
        rows.length === 0
          ? 'There are no live sessions.'
          : table(COLUMNS, rows, { limit: widthLimit(options), title: dim });
      process.stdout.write(`\u001b[H\u001b[2J${text.replaceAll('\n', '\r\n')}\r\n`);
      await orAborted(pause((options.every ?? USUAL_SECONDS) * 1000, undefined, { ref: true }), over);
    }
  } catch (error) {
    if (!keys.signal.aborted || keys.signal.reason !== null) throw error;
  } finally {
    restore();
    process.stdin.pause();
  }
};
