import type { OnMemOSClient } from 'onmemos';
import { CliError, usageError } from './errors.ts';
import { EXIT } from './exit-codes.ts';

const SESSION_ID = /^ses-[0-9a-z]{26}$/;

/** The one id that begins as was typed; an id that is typed whole is always meant itself. @throws CliError */
export const pickId = (typed: string, ids: readonly string[], what: string, list: string): string => {
  if (ids.includes(typed)) return typed;
  const found = ids.filter((id) => id.startsWith(typed) || id.replace(/^[a-z]+-/, '').startsWith(typed));
  const [only, ...others] = found;
  if (only === undefined) {
    throw new CliError(`There is no ${what} ${typed}.`, { exit: EXIT.notFound, hint: `\`${list}\` lists them.` });
  }
  if (others.length === 0) return only;
  const some = found.slice(0, 5).join('\n  ');
  throw usageError(`${typed} is the beginning of ${found.length} ${what}s:\n  ${some}`, 'Type some more of it.');
};

/** A session's whole id for what a person typed of it. @throws CliError not found, usage */
export const findSession = async (client: OnMemOSClient, typed: string): Promise<string> => {
  if (typed === '') throw usageError('An empty id names no session.');
  if (SESSION_ID.test(typed)) return typed;
  const ids = (await client.sessions.list().all()).map(({ id }) => id);
  return pickId(typed, ids, 'session', 'onmemos sessions ls --all');
};

/** A command's whole id; `undefined` asks for the one that was started last. @throws CliError not found, usage */
export const findExec = async (client: OnMemOSClient, session: string, typed: string | undefined): Promise<string> => {
  const execs = await client.execs.list(session).all();
  if (typed !== undefined) {
    return pickId(
      typed,
      execs.map(({ exec_id }) => exec_id),
      'command',
      `onmemos jobs ${session}`,
    );
  }
  const last = execs.reduce<(typeof execs)[number] | undefined>(
    (latest, exec) => (latest && latest.started_at > exec.started_at ? latest : exec),
    undefined,
  );
  if (last) return last.exec_id;
  throw new CliError(`No command was ever run in ${session}.`, {
    exit: EXIT.notFound,
    hint: `Run one with \`onmemos exec ${session} -- COMMAND\`.`,
  });
};
