import type { z } from 'zod';
import type { ListPage } from '#contract/entities/common.ts';
import type { Workspace } from '#contract/entities/workspace.ts';
import { confinementOf, pathUser, refuseSessionKeys } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { everyDoc, type PageInput, pageOfQuery } from '../kernel/pages.ts';
import { members, userKey, users, workspaceKey, workspaces } from '../model/collections.ts';
import { workspaceToWire } from './wire.ts';

type Wire = z.infer<typeof Workspace>;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byOwner = (a: Wire, b: Wire): number =>
  compareText(a.user_id, b.user_id) || compareText(a.workspace_id, b.workspace_id);

/** A user’s workspaces; on the first page also those that others share with the user. */
export const listWorkspaces = async (
  deps: Deps,
  call: Call,
  input: { user_id: string } & PageInput,
): Promise<ListPage<Wire>> => {
  refuseSessionKeys(call);
  const userId = pathUser(call, input.user_id);
  const lookup = lookupIn(deps.store);
  const typeOf = async (owner: string) =>
    (await lookup.get(users, userKey(owner)))?.user_type ?? deps.settings.default_user_type;
  const confined = confinementOf(call.actor);
  const inReach = (owner: string, id: string): boolean =>
    confined === null || (confined.owner === owner && confined.workspace_id === id);

  const ownType = await typeOf(userId);
  const own = await pageOfQuery(
    deps.store,
    workspaces,
    { where: { owner: userId }, order: { field: 'workspace_id', direction: 'asc' } },
    input,
    (doc) =>
      doc.status !== 'deleted' && inReach(doc.owner, doc.workspace_id) ? workspaceToWire(doc, 'owner', ownType) : null,
  );
  const items: Wire[] = own.items.filter((item) => item !== null);
  if (input.cursor === undefined) {
    const memberships = everyDoc(deps.store, members, {
      where: { member_id: userId },
      order: { field: 'workspace_key', direction: 'asc' },
    });
    const shared: Wire[] = [];
    for await (const member of memberships) {
      const doc = await lookup.get(workspaces, workspaceKey(member.owner, member.workspace_id));
      if (doc && doc.status !== 'deleted' && inReach(doc.owner, doc.workspace_id)) {
        shared.push(workspaceToWire(doc, member.role, await typeOf(doc.owner)));
      }
    }
    items.push(...shared.toSorted(byOwner));
  }
  return { items, next_cursor: own.next_cursor };
};
