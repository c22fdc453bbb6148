import type { Command } from 'commander';
import type { Exec, OnMemOSClient, OutputEvent } from 'onmemos';
import { Interrupts } from '../bridge/interrupts.ts';
import { asLostConnection } from '../bridge/lost-connection.ts';
import { sayGap } from '../bridge/pipes.ts';
import { connect } from '../connect.ts';
import { usageError } from '../errors.ts';
import { findExec, findLiveSession } from '../find.ts';
import { SESSION_HELP, withTarget } from '../options.ts';
import { tailOffset } from '../tail.ts';
import type { TargetOptions } from '../target/resolve.ts';
import { TimedLines } from '../timed-lines.ts';
import { instantOf } from '../ui/instant.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends TargetOptions {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly since?: string;
  readonly timestamps?: boolean;
}

const DETAILS = `
Without COMMAND, the last command that runs, or the last one if none runs. Its stdout is printed on stdout, its stderr
on stderr. A broken connection is resumed where it broke. A time is when the server read the output from the command, to 50 milliseconds. With --timestamps a line is
printed when it is complete, behind the time of its first byte (UTC).

  onmemos logs --since 10m my-session
  onmemos logs --since 2026-11-27T10:00:00Z -t my-session exe-01m8`;

/** @throws CliError usage */
const linesOf = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw usageError(`--tail ${text} is not a number of lines.`);
  return Number(text);
};

export const define = (command: Command): void => {
  withTarget(
    command
      .argument('<session>', SESSION_HELP)
      .argument('[command]', 'its id, or the beginning of its id (`onmemos jobs SESSION`)'),
  )
    .option('-f, --follow', 'continue until the command ends')
    .option('-n, --tail <lines>', 'begin with the last lines', linesOf)
    .option('--since <when>', 'leave out what was printed before: how long ago (10m), an instant, or a day')
    .option('-t, --timestamps', 'begin each line with its time')
    .addHelpText('after', wrap(DETAILS))
    .action(logs);
};

const logs = async (session: string, command: string | undefined, options: Options): Promise<void> => {
  const since = options.since === undefined ? undefined : instantOf(options.since, Date.now());
  const { client } = await connect(options, true);
  const id = await findLiveSession(client, session);
  const exec = await client.execs.get(id, (await findExec(client, id, command)).exec_id);
  using interrupts = new Interrupts();
  const until = options.follow ? Number.POSITIVE_INFINITY : exec.next_offset;
  // There is no output, and without --follow no later output is awaited.
  if (until === 0) return;
  const { signal } = interrupts;
  const from = options.tail === undefined ? undefined : await tailOffset(client, exec, options.tail, signal);
  if (from !== undefined && from >= until) return;
  // Where nothing is that new, no event would come of a command that still runs.
  if (since !== undefined && (await client.execs.offsetAt(id, exec.exec_id, since, { signal })) >= until) return;
  try {
    await copy(eventsUntil(client, exec, { from, since, until }, signal), options.timestamps === true);
  } catch (error) {
    throw signal.aborted ? error : asLostConnection({ ...exec, tty: false }, error);
  }
};

const STREAMS = ['stdout', 'stderr'] as const;

const written = async (stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void> => {
  if (data.length > 0) await new Promise<void>((done) => process[stream].write(data, () => done()));
};

const copy = async (events: AsyncIterable<OutputEvent>, timestamps: boolean): Promise<void> => {
  if (timestamps) return copyLines(events);
  for await (const event of events) {
    if (event.type === 'gap') sayGap(event.from, event.to);
    if (event.type === 'chunk') await written(event.stream, event.data);
  }
};

/** Each line behind its time. What was read is printed also where the reading fails or is stopped. */
const copyLines = async (events: AsyncIterable<OutputEvent>): Promise<void> => {
  const lines = { stdout: new TimedLines(), stderr: new TimedLines() };
  try {
    for await (const event of events) {
      if (event.type === 'chunk') await written(event.stream, lines[event.stream].add(event));
      if (event.type !== 'gap') continue;
      for (const stream of STREAMS) await written(stream, lines[stream].broken());
      sayGap(event.from, event.to);
    }
  } finally {
    for (const stream of STREAMS) await written(stream, lines[stream].rest());
  }
};

/** The output up to an offset, without waiting for what a running command prints later. */
async function* eventsUntil(
  client: OnMemOSClient,
  { session_id, exec_id }: Exec,
  {
    until,
    ...begin
  }: { readonly from: number | undefined; readonly since: string | undefined; readonly until: number },
  signal: AbortSignal,
): AsyncGenerator<OutputEvent> {
  for await (const event of client.execs.output(session_id, exec_id, { ...begin, signal })) {
    if (event.type === 'exit') return;
    const end = event.type === 'gap' ? event.to : event.seq + event.data.length;
    const cut = event.type === 'chunk' && end > until;
    yield cut ? { ...event, data: event.data.subarray(0, until - event.seq) } : event;
    if (end >= until) return;
  }
}
