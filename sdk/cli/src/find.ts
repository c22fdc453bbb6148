import type { OnMemOSClient, SessionRecord } from 'onmemos';
import { CliError, usageError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { serverWords } from './server-words.ts';
import { NAME_LABEL } from './session-options.ts';

const SESSION_ID = /^ses-[0-9a-z]{26}$/;
const MOST_SHOWN = 5;

const ambiguous = (what: string, typed: string, ids: readonly string[]): CliError =>
  usageError(`${ids.length} ${what} ${typed}:\n  ${ids.slice(0, MOST_SHOWN).join('\n  ')}`, 'Type more of the id.');

const beginsWith = (id: string, typed: string): boolean =>
  id.startsWith(typed) || id.replace(/^[a-z]+-/, '').startsWith(typed);

/** The only id that begins with the typed text. A complete id always means itself. @throws CliError */
export const pickId = (typed: string, ids: readonly string[], what: string, list: string): string => {
  // Every id begins with nothing: an unset variable of a script must not choose the only one.
  if (typed === '') throw usageError(`An empty id names no ${what}.`);
  if (ids.includes(typed)) return typed;
  const found = ids.filter((id) => beginsWith(id, typed));
  const [only, ...others] = found;
  if (only === undefined) {
    throw new CliError(`There is no ${what} ${typed}.`, { exit: EXIT.notFound, hint: `\`${list}\` lists them.` });
  }
  if (others.length > 0) throw ambiguous(`${what}s begin with`, typed, found);
  return only;
};

const latest = <T>(items: readonly T[], at: (item: T) => string): T | undefined =>
  items.reduce<T | undefined>((last, item) => (last !== undefined && at(last) > at(item) ? last : item), undefined);

/** The session with this name, else the one whose id begins so. A name can be used again after its session has ended. */
export const pickSession = (typed: string, sessions: readonly SessionRecord[]): SessionRecord => {
  if (typed === '') throw usageError('An empty id names no session.');
  const named = sessions.filter(({ labels }) => labels[NAME_LABEL] === typed);
  const live = named.filter(({ ended_at }) => ended_at === null);
  const [only, ...others] = live;
  if (others.length > 0) {
    const ids = live.map(({ id }) => id);
    throw ambiguous('sessions are named', typed, ids);
  }
  if (only !== undefined) return only;
  const ids = sessions.map(({ id }) => id);
  const ended = latest(named, ({ created_at }) => created_at);
  if (ended !== undefined && !ids.some((id) => beginsWith(id, typed))) return ended;
  const id = pickId(typed, ids, 'session', 'onmemos sessions ls --all');
  return sessions.find((session) => session.id === id) as SessionRecord;
};

/** The whole id of a session, live or ended, from its name or the beginning of its id. @throws CliError not found, usage */
export const findSession = async (client: OnMemOSClient, typed: string): Promise<string> => {
  if (SESSION_ID.test(typed)) return typed;
  return pickSession(typed, await client.sessions.list().all()).id;
};

/** @throws CliError if the session has ended: the error says its id and why */
export const refuseEnded = ({ id, ended_at, labels, status_message }: SessionRecord): void => {
  if (ended_at === null) return;
  const name = labels[NAME_LABEL];
  const why = status_message === null || status_message === '' ? '' : ` ${serverWords(status_message)}`;
  throw new CliError(`Session ${id}${name ? ` (${name})` : ''} has ended.${why}`, {
    hint: `\`onmemos events ${id}\` says what happened, \`onmemos jobs ${id}\` lists its commands.`,
  });
};

/**
 * As {@link findSession}, for commands that need a live session. A whole id is not looked up: then the server refuses.
 * @throws CliError also if the session has ended
 */
export const findLiveSession = async (client: OnMemOSClient, typed: string): Promise<string> => {
  if (SESSION_ID.test(typed)) return typed;
  const session = pickSession(typed, await client.sessions.list().all());
  refuseEnded(session);
  return session.id;
};

/**
 * A command's whole id. `undefined` asks for the one that was started last of those that run, or of all if none runs.
 * @throws CliError not found, usage
 */
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
  const running = execs.filter(({ status }) => status === 'running');
  const last = latest(running.length > 0 ? running : execs, ({ started_at }) => started_at);
  if (last) return last.exec_id;
  refuseEnded(await client.sessions.get(session));
  throw new CliError(`No command was ever run in ${session}.`, {
    exit: EXIT.notFound,
    hint: `Run one with \`onmemos exec ${session} -- COMMAND\`.`,
  });
};
