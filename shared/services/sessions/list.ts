import type { ListPage } from '#contract/entities/common.ts';
import type { SessionStatus } from '#contract/entities/session.ts';
import { isTerminal } from '#domain/lifecycle.ts';
import { epochMs } from '#ports/clock.ts';
import type { Query } from '#ports/store.ts';
import { invalidField } from '#contract/errors.ts';
import { actingUser, actsForAnyone, confinementOf, keyOf, roleIn } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { everyDoc, MOST_LISTED, type PageInput } from '../kernel/pages.ts';
import { members, sessions, workspaceKey } from '../model/collections.ts';
import type { SessionDoc, SessionWire } from '../model/docs.ts';
import { type LabelFilter, termOf } from '../model/terms.ts';
import { sessionToWire } from './wire.ts';

interface Input extends PageInput {
  readonly namespace?: string | undefined;
  readonly user?: string | undefined;
  readonly state?: SessionStatus | undefined;
  readonly label?: string | undefined;
  readonly workspace_id?: string | undefined;
  readonly workspace_owner?: string | undefined;
}

const DAY_MS = 86_400_000;
/**
 * How many documents one call looks at. Label, namespace and state are in the query, so this bounds only a filter by
 * user within a workspace, or by a workspace's id without its owner. A page cut short there says where to go on.
 */
const MOST_READ = 5_000;
const PAGE = 200;

const labelOf = (wanted: string | undefined): LabelFilter | null => {
  if (wanted === undefined) return null;
  const at = wanted.indexOf('=');
  return at < 0 ? { key: wanted, value: null } : { key: wanted.slice(0, at), value: wanted.slice(at + 1) };
};

/** A term is a hash, so what it found is looked at again. */
const hasLabel = ({ labels }: SessionDoc, { key, value }: LabelFilter): boolean =>
  Object.hasOwn(labels, key) && (value === null || labels[key] === value);

/** The smallest sets of documents that hold everything the caller may see of what is asked for. */
const scopesOf = async (deps: Deps, call: Call, input: Input): Promise<readonly Record<string, string>[]> => {
  const { actor } = call;
  const only = confinementOf(actor);
  if (only) {
    const role = await roleIn(lookupIn(deps.store), call, only.owner, only.workspace_id);
    return role === null ? [] : [{ workspace_key: workspaceKey(only.owner, only.workspace_id) }];
  }
  if (actsForAnyone(actor)) {
    if (input.workspace_id !== undefined && input.workspace_owner !== undefined) {
      return [{ workspace_key: workspaceKey(input.workspace_owner, input.workspace_id) }];
    }
    if (input.workspace_owner !== undefined) return [{ workspace_owner: input.workspace_owner }];
    return [input.user === undefined ? {} : { user: input.user }];
  }
  const own = actingUser(call, null, 'user');
  const { workspace_id, workspace_owner = own } = input;
  const isAsked = (of: { readonly owner: string; readonly workspace_id: string }): boolean =>
    (input.workspace_owner === undefined || of.owner === input.workspace_owner) &&
    (workspace_id === undefined || of.workspace_id === workspace_id);
  const mine =
    workspace_id === undefined ? { workspace_owner: own } : { workspace_key: workspaceKey(own, workspace_id) };
  const scopes: Record<string, string>[] = workspace_owner === own ? [mine] : [];
  for await (const member of everyDoc(deps.store, members, {
    where: { member_id: own },
    order: { field: 'workspace_key', direction: 'asc' },
  })) {
    if (isAsked(member)) scopes.push({ workspace_key: member.workspace_key });
  }
  return scopes;
};

/** What is asked of each scope. */
interface Asked {
  readonly set: Record<string, string | boolean>;
  readonly term: string | null;
  readonly before: string | null;
  /** Documents of the first page: as many as the answer has, and one that says whether there are more. */
  readonly first: number;
}

/** One scope, newest first, read page by page as it is wanted. */
async function* newestOf(
  deps: Deps,
  scope: Record<string, string>,
  { set, term, before, first }: Asked,
): AsyncGenerator<SessionDoc> {
  const query: Omit<Query, 'limit'> = {
    where: { ...scope, ...set },
    ...(term === null ? {} : { contains: { list: 'terms', text: term } }),
    order: { field: 'id', direction: 'desc' },
    ...(before === null ? {} : { range: { lt: before } }),
  };
  let cursor: string | undefined;
  let limit = Math.min(PAGE, first);
  do {
    const page = await deps.store.query(sessions, { ...query, limit, ...(cursor === undefined ? {} : { cursor }) });
    for (const doc of page.docs) yield doc.data;
    cursor = page.next ?? undefined;
    limit = PAGE;
  } while (cursor !== undefined);
}

/** Several sorted streams as one, each document once. */
async function* merged(streams: readonly AsyncGenerator<SessionDoc>[]): AsyncGenerator<SessionDoc> {
  const heads = await Promise.all(streams.map(async (stream) => ({ stream, head: await stream.next() })));
  let last: string | null = null;
  for (;;) {
    const open = heads.filter((entry) => !entry.head.done);
    const first = open.reduce<(typeof open)[number] | null>(
      (best, entry) =>
        best === null || (entry.head.value as SessionDoc).id > (best.head.value as SessionDoc).id ? entry : best,
      null,
    );
    if (!first) return;
    const session = first.head.value as SessionDoc;
    if (session.id !== last) yield session;
    last = session.id;
    // Not before another is wanted: it may be the first of a page.
    first.head = await first.stream.next();
  }
}

/** The one session of a key that is bound to it, if it is in a scope. */
async function* onlyOne(deps: Deps, id: string, scopes: readonly Record<string, string>[]): AsyncGenerator<SessionDoc> {
  const found = (await deps.store.get(sessions, id))?.data;
  const isIn = (scope: Record<string, string>): boolean =>
    Object.entries(scope).every(([field, value]) => found?.[field as keyof SessionDoc] === value);
  if (found && scopes.some(isIn)) yield found;
}

/** The id of the last session of the page before. */
const CURSOR = /^ses-[a-z0-9-]{1,59}$/;

/**
 * Sessions that the caller may see, newest first: those that live or ended in the last 24 hours, and with `state`
 * those in it, of any age.
 */
export const listSessions = async (deps: Deps, call: Call, input: Input): Promise<ListPage<SessionWire>> => {
  if (input.cursor !== undefined && !CURSOR.test(input.cursor))
    throw invalidField('cursor', 'is not from an earlier page of this list; start without it');
  const limit = input.limit ?? MOST_LISTED;
  const set = input.state === undefined ? { recent: true } : { status: input.state };
  const label = labelOf(input.label);
  const asked: Asked = {
    set,
    term: termOf(input.namespace ?? null, label),
    before: input.cursor ?? null,
    first: limit + 1,
  };
  const scopes = await scopesOf(deps, call, input);
  const since = deps.clock.now() - DAY_MS;
  const only = keyOf(call.actor)?.session_id ?? null;
  const wanted = (doc: SessionDoc): boolean =>
    (input.state === undefined || doc.status === input.state) &&
    (input.state !== undefined ||
      !isTerminal(doc.status) ||
      (doc.ended_at !== null && epochMs(doc.ended_at) >= since)) &&
    (input.namespace === undefined || doc.namespace === input.namespace) &&
    (input.user === undefined || doc.user === input.user) &&
    (label === null || hasLabel(doc, label)) &&
    (input.workspace_id === undefined || doc.workspace_id === input.workspace_id) &&
    (input.workspace_owner === undefined || doc.workspace_owner === input.workspace_owner);

  const items: SessionWire[] = [];
  let read = 0;
  let last: string | null = null;
  const found =
    only === null ? merged(scopes.map((scope) => newestOf(deps, scope, asked))) : onlyOne(deps, only, scopes);
  for await (const doc of found) {
    if (items.length === limit || read === MOST_READ) return { items, next_cursor: last };
    read += 1;
    last = doc.id;
    if (wanted(doc)) items.push(sessionToWire(deps, doc));
  }
  return { items, next_cursor: null };
};
