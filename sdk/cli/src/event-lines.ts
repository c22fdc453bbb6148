import type { AuditEvent, OnMemOSClient } from 'onmemos';
import { noticeText } from './notice-text.ts';
import { formatDuration } from './ui/duration.ts';
import { formatMoney } from './ui/money.ts';
import { plain, wrapWords } from './ui/table.ts';
import { cut, widthOf } from './ui/text-width.ts';
import { local } from './ui/time.ts';

/** Names of keys by their ids. */
export type KeyNames = ReadonlyMap<string, string>;

/** Whether only the id of a key says who did it. */
export const actedByKey = ({ actor }: AuditEvent): boolean => Boolean(actor.key_id) && !actor.user_id;

/** The names of all keys that the caller may see. */
export const keyNames = async (client: OnMemOSClient): Promise<KeyNames> => {
  try {
    return new Map((await client.keys.list().all()).map(({ key_id, name }) => [key_id, name]));
  } catch {
    // Most keys may not list keys. Their ids tell them apart too.
    return new Map();
  }
};

/** Who did it, by name. */
const actorOf = ({ actor }: AuditEvent, keys: KeyNames): string => {
  const named = actor.key_id === null || actor.key_id === undefined ? undefined : keys.get(actor.key_id);
  return plain(actor.user_id ?? named ?? actor.key_id ?? (actor.kind === 'system' ? 'the server' : actor.kind));
};

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const AMOUNT = /^(?<name>.+)_nano_(?<currency>[a-z]{3})$/;
const MILLISECONDS = /^milliseconds_(?<name>.+)$/;
const NANO = 1e9;

const words = (name: string): string => name.replaceAll('_', ' ');

/** A detail of an event as people write it: money as money, spans and instants of time in units. */
const partOf = (name: string, value: unknown): string => {
  const { name: what, currency } = AMOUNT.exec(name)?.groups ?? {};
  if (what !== undefined && currency !== undefined && typeof value === 'number')
    return `${words(what)} ${formatMoney(value / NANO, currency.toUpperCase())}`;
  const span = MILLISECONDS.exec(name)?.groups?.['name'];
  if (span !== undefined && typeof value === 'number')
    return `${words(span.replace(/^to_/, ''))} after ${formatDuration(value / 1000)}`;
  // A reason is a code of words; other texts are names, which stay as they are.
  if (name === 'reason') return `${name} ${words(String(value))}`;
  if (typeof value === 'string') return `${words(name)} ${INSTANT.test(value) ? local(value) : value}`;
  return `${words(name)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`;
};

const detailOf = (event: AuditEvent): string => {
  const notice = noticeText(event);
  if (notice !== null) return plain(notice);
  const { detail, target } = event;
  const parts = Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false)
    .map(([name, value]) => (value === true ? words(name) : partOf(name, value)));
  return plain([target ?? '', ...parts].filter((part) => part !== '').join(', '));
};

const ACTION_WIDTH = 20;
const ACTOR_WIDTH = 12;
const INDENT = '    ';

/**
 * An event on one line: when, what, who, and what else is known.
 * @param limit the width of the terminal: what has no room goes on in lines of its own
 */
export const eventLine = (
  event: AuditEvent,
  keys: KeyNames,
  dim: (text: string) => string,
  limit: number = Number.POSITIVE_INFINITY,
): string => {
  const [at, what] = [local(event.at), event.action.padEnd(ACTION_WIDTH)];
  const [who, more] = [actorOf(event, keys), detailOf(event)];
  const line = (actor: string, rest: string): string => [dim(at), what, actor, rest].join('  ').trimEnd();
  const padded = who.padEnd(ACTOR_WIDTH);
  if (widthOf(line(padded, more)) <= limit) return line(padded, more);
  const room = Math.max(ACTOR_WIDTH, limit - at.length - what.length - 4);
  const rest = wrapWords(more, limit - INDENT.length).map((words) => INDENT + words);
  return [line(cut(who, room), ''), ...(more === '' ? [] : rest)].join('\n');
};
