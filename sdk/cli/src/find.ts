import type { OnMemOSClient } from 'onmemos';
import { CliError, usageError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { NAME_LABEL } from './session-options.ts';

const SESSION_ID = /^ses-[0-9a-z]{26}$/;
const MOST_SHOWN = 5;

const ambiguous = (what: string, typed: string, ids: readonly string[]): CliError =>
  usageError(
    `${ids.length} ${what} ${typed}:\n  ${ids.slice(0, MOST_SHOWN).join('\n  ')}`,
    'Type some more of the id.',
  );

/** The only id that begins with the typed text. A complete id always means itself. @throws CliError */
export const pickId = (typed: string, ids: readonly string[], what: string, list: string): string => {
  if (ids.includes(typed)) return typed;
  const found = ids.filter((id) => id.startsWith(typed) || id.replace(/^[a-z]+-/, '').startsWith(typed));
  const [only, ...others] = found;
  if (only === undefined) {
    throw new CliError(`There is no ${what} ${typed}.`, { exit: EXIT.notFound, hint: `\`${list}\` lists them.` });
  }
  if (others.length > 0) throw ambiguous(`${what}s begin with`, typed, found);
  return only;
};

/** A session's whole id for its name, or for what a person typed of it. @throws CliError not found, usage */
export const findSession = async (client: OnMemOSClient, typed: string): Promise<string> => {
  if (typed === '') throw usageError('An empty id names no session.');
  if (SESSION_ID.test(typed)) return typed;
  const sessions = await client.sessions.list().all();
  const named = sessions
    .filter(({ ended_at, labels }) => ended_at === null && labels[NAME_LABEL] === typed)
    .map(({ id }) => id);
  const [only, ...others] = named;
  if (others.length > 0) throw ambiguous('sessions are named', typed, named);
  const ids = sessions.map(({ id }) => id);
  return only ?? pickId(typed, ids, 'session', 'onmemos sessions ls --all');
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
