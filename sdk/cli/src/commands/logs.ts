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
import { wrap } from '../ui/wrap.ts';

interface Options extends TargetOptions {
  readonly follow?: boolean;
  readonly tail?: number;
}

const DETAILS = `
Without COMMAND, the command that was started last. Its stdout is printed on stdout, its stderr on stderr. A broken connection is
resumed where it broke. The log keeps no times, so nothing can be chosen or marked by them: let the command print them.`;

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
    .addHelpText('after', wrap(DETAILS))
    .action(logs);
};

const logs = async (session: string, command: string | undefined, options: Options): Promise<void> => {
  const { client } = await connect(options, true);
  const id = await findLiveSession(client, session);
  const exec = await client.execs.get(id, await findExec(client, id, command));
  using interrupts = new Interrupts();
  const until = options.follow ? Number.POSITIVE_INFINITY : exec.next_offset;
  // There is no output, and without --follow no later output is awaited.
  if (until === 0) return;
  const from = options.tail === undefined ? undefined : await tailOffset(client, exec, options.tail, interrupts.signal);
  if (from !== undefined && from >= until) return;
  try {
    await copy(eventsUntil(client, exec, { from, until }, interrupts.signal));
  } catch (error) {
    throw interrupts.signal.aborted ? error : asLostConnection({ ...exec, tty: false }, error);
  }
};

const copy = async (events: AsyncIterable<OutputEvent>): Promise<void> => {
  for await (const event of events) {
    if (event.type === 'gap') sayGap(event.from, event.to);
    if (event.type !== 'chunk') continue;
    const sink = event.stream === 'stdout' ? process.stdout : process.stderr;
    await new Promise<void>((done) => sink.write(event.data, () => done()));
  }
};

/** The output up to an offset, without waiting for what a running command prints later. */
async function* eventsUntil(
  client: OnMemOSClient,
  { session_id, exec_id }: Exec,
  { from, until }: { readonly from: number | undefined; readonly until: number },
  signal: AbortSignal,
): AsyncGenerator<OutputEvent> {
  for await (const event of client.execs.output(session_id, exec_id, { from, signal })) {
    if (event.type === 'exit') return;
    const end = event.type === 'gap' ? event.to : event.seq + event.data.length;
    const cut = event.type === 'chunk' && end > until;
    yield cut ? { ...event, data: event.data.subarray(0, until - event.seq) } : event;
    if (end >= until) return;
  }
}
