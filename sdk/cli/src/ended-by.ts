import { type Exec, type OnMemOSClient, returncodeOf } from 'onmemos';
import { CliError } from './errors.ts';
import type { Ended } from './bridge/join.ts';
import { EXIT } from './exit-codes.ts';
import { serverWords } from './server-words.ts';
import { note } from './ui/output.ts';
import { formatMegabytes } from './ui/size.ts';
import { plain } from './ui/table.ts';

/** What ends a command when its session ends. */
const WITH_SESSION = new Set(['TERM', 'KILL', 'HUP']);

/** The kernel ends what uses too much memory by KILL, and tells no one which KILL was its own. */
const sayMemory = async (client: OnMemOSClient, session_id: string): Promise<void> => {
  const { memory_limit_mb } = await client.sessions.usage(session_id);
  const limit = memory_limit_mb === null ? '' : ` (${formatMegabytes(memory_limit_mb)})`;
  note(
    `onmemos: the command was ended by KILL. Unless you sent it, the memory of the session${limit} was used up; \`onmemos packages\` lists larger sizes.`,
  );
};

/** A command that a signal ended may have ended with its session: then that is said, and why. */
const saySessionEnd = async (client: OnMemOSClient, { session_id, tty, signal, status }: Exec): Promise<void> => {
  const session = await client.sessions.get(session_id);
  if (session.status === 'running') {
    if (signal === 'KILL' && status === 'killed') await sayMemory(client, session_id);
    return;
  }
  const why = session.status_message ?? session.status_reason?.replaceAll('_', ' ');
  // What was last on a terminal seldom ends its line.
  const begin = tty ? '\n' : '';
  note(
    `${begin}onmemos: session ${session_id} has ended, and the command with it${why ? `: ${plain(serverWords(why))}` : '.'}`,
  );
};

/**
 * The code to end with after a command.
 * @param whole whether all of the output was promised, so that dropped output is a failure of ours
 * @throws CliError where the command was lost with its session
 */
export const endedBy = async (client: OnMemOSClient, exec: Ended, whole = true): Promise<number> => {
  const code = returncodeOf(exec);
  if (code === null || WITH_SESSION.has(exec.signal ?? '')) {
    // The end of the command is known without it.
    await saySessionEnd(client, exec).catch(() => {});
  }
  if (code === null) {
    throw new CliError(`Command ${exec.exec_id} was lost: its session ended, or its keeper did.`, {
      hint: `\`onmemos events ${exec.session_id}\` says what happened.`,
    });
  }
  if (exec.status === 'timed_out') note('onmemos: the command was ended at its timeout.');
  // The reader of a pipe would treat partial output as all of it. A person at a terminal has seen the message.
  if (whole && exec.dropped && !exec.tty && code === EXIT.ok) return EXIT.own;
  return code;
};
