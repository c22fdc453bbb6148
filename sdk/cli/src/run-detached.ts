import type { Exec, ExecStart } from 'onmemos';
import { asStartFailure } from './command-line.ts';
import { Interrupts } from './bridge/interrupts.ts';
import { printWarnings } from './bridge/warnings.ts';
import type { Connection } from './connect.ts';
import { ownSession, sayStage } from './own-session.ts';
import type { sessionBody } from './session-options.ts';
import { handOver } from './ui/hand-over.ts';
import { note, print, printJson } from './ui/output.ts';
import { local } from './ui/time.ts';

/** Starts a command in a session of its own, prints the session's id and leaves both running. */
export const runDetached = async (
  connection: Connection,
  create: ReturnType<typeof sessionBody>,
  body: ExecStart,
  { quiet = false, json = false }: { readonly quiet?: boolean; readonly json?: boolean },
): Promise<void> => {
  const { client } = connection;
  using interrupts = new Interrupts(sayStage);
  const { id } = await ownSession(connection, create, { keep: true, quiet: quiet || json, interrupts });
  let expires: string;
  let exec: Exec;
  try {
    const session = await client.sessions.get(id);
    printWarnings(session);
    expires = session.expires_at;
    exec = await client.execs.start(id, body, { signal: interrupts.signal });
  } catch (error) {
    // Its id was not printed yet, so no other program can end it.
    await client.sessions.forceDelete(id);
    throw asStartFailure(error);
  }
  const undo = (): Promise<unknown> => client.sessions.forceDelete(id);
  await handOver({ name: `session ${id}`, removedBy: `rm ${id}`, undo }, () => (json ? printJson(exec) : print(id)));
  if (quiet || json) return;
  note(
    `onmemos: session ${id} goes on until ${local(expires)}, also after its command. \`onmemos logs -f ${id}\` prints`,
  );
  note(`the output, \`onmemos wait ${id}\` waits for the command, \`onmemos rm ${id}\` ends the session.`);
};
