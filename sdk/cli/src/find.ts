import type { Exec, OnMemOSClient, SessionRecord } from 'onmemos';
import { CliError, usageError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { isHelper } from './helper-commands.ts';
import { serverWords } from './server-words.ts';
import { NAME_LABEL } from './session-options.ts';
import { plain } from './ui/table.ts';
import { relative } from './ui/time.ts';

const SESSION_ID = /^ses-[0-9a-z]{26}$/;
const MOST_SHOWN = 5;

/** @param lines each candidate with its whole id, to be copied */
export const ambiguous = (what: string, typed: string, lines: readonly string[]): CliError => {
  const more = lines.length > MOST_SHOWN ? [`and ${lines.length - MOST_SHOWN} more`] : [];
  const shown = [...lines.slice(0, MOST_SHOWN), ...more].map((line) => `\n  ${line}`);
  return usageError(
    `${lines.length} ${what} ${typed}:${shown.join('')}`,
    'Type an id, or so much of its beginning that only one is left.',
  );
};

const beginsWith = (id: string, typed: string): boolean =>
  id.startsWith(typed) || id.replace(/^[a-z]+-/, '').startsWith(typed);

/** Ids to choose from: the first group in which one begins with the typed text decides, such as what is live. */
type Groups = readonly (readonly string[])[];

/** The only id that begins with the typed text. A complete id always means itself. @throws CliError */
export const pickId = (typed: string, groups: Groups, what: string, list: string): string => {
  // Every id begins with nothing: an unset variable of a script must not choose the only one.
  if (typed === '') throw usageError(`An empty id names no ${what}.`);
  if (groups.some((ids) => ids.includes(typed))) return typed;
  const found = groups.map((ids) => ids.filter((id) => beginsWith(id, typed))).find((ids) => ids.length > 0) ?? [];
  const [only, ...others] = found;
  if (only === undefined) {
    throw new CliError(`There is no ${what} ${typed}.`, { exit: EXIT.notFound, hint: `\`${list}\` lists them.` });
  }
  if (others.length > 0) throw ambiguous(`${what}s begin with`, typed, found);
  return only;
};

const latest = <T>(items: readonly T[], at: (item: T) => string): T | undefined =>
  items.reduce<T | undefined>((last, item) => (last !== undefined && at(last) > at(item) ? last : item), undefined);

/** A session among several: its id, and what tells a person which it is. */
export const sessionLine = ({ id, labels, user, workspace_owner, workspace_id, created_at }: SessionRecord): string => {
  const name = labels[NAME_LABEL];
  const where = `${workspace_owner}/${workspace_id}`;
  return plain(`${id}${name ? ` (${name})` : ''} of ${user}, in ${where}, created ${relative(created_at)}`);
};

/**
 * The live session with this name, else the one whose id begins so; where none is live, the last that has ended. A name
 * can be used again after its session has ended.
 */
export const pickSession = (typed: string, sessions: readonly SessionRecord[]): SessionRecord => {
  if (typed === '') throw usageError('An empty id names no session.');
  const named = sessions.filter(({ labels }) => labels[NAME_LABEL] === typed);
  const live = named.filter(({ ended_at }) => ended_at === null);
  const [only, ...others] = live;
  if (others.length > 0) throw ambiguous('live sessions are named', typed, live.map(sessionLine));
  if (only !== undefined) return only;
  const idsOf = (some: readonly SessionRecord[]): readonly string[] => some.map(({ id }) => id);
  const ended = latest(named, ({ created_at }) => created_at);
  if (ended !== undefined && !idsOf(sessions).some((id) => beginsWith(id, typed))) return ended;
  const running = sessions.filter(({ ended_at }) => ended_at === null);
  const id = pickId(typed, [idsOf(running), idsOf(sessions)], 'session', 'onmemos sessions ls --all');
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
 * The command whose id begins with the typed text: one that runs, else one that a person has started, else any.
 * `undefined` asks for the one that was started last of those that run, or of all if none runs.
 */
export const pickExec = (typed: string | undefined, execs: readonly Exec[], list: string): Exec | undefined => {
  const own = execs.filter((exec) => !isHelper(exec));
  const running = own.filter(({ status }) => status === 'running');
  if (typed === undefined) return latest(running.length > 0 ? running : own, ({ started_at }) => started_at);
  const groups = [running, own, execs].map((some) => some.map(({ exec_id }) => exec_id));
  const id = pickId(typed, groups, 'command', list);
  return execs.find(({ exec_id }) => exec_id === id);
};

/** As {@link pickExec}, of a session. @throws CliError not found, usage */
export const findExec = async (client: OnMemOSClient, session: string, typed: string | undefined): Promise<Exec> => {
  const found = pickExec(typed, await client.execs.list(session).all(), `onmemos jobs ${session}`);
  if (found) return found;
  refuseEnded(await client.sessions.get(session));
  throw new CliError(`No command was ever run in ${session}.`, {
    exit: EXIT.notFound,
    hint: `Run one with \`onmemos exec ${session} -- COMMAND\`.`,
  });
};
