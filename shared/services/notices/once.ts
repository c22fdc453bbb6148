import { AlreadyExists } from '#ports/store.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { type Notice, enqueueDeliveries, writeNotice } from '../kernel/notices.ts';
import { audit, sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';

export interface SessionNotice {
  readonly session_id: string;
  readonly kind: Notice['kind'];
  /** The same for each delivery of its task, so that it is written once. */
  readonly entry_id: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly isDue: (session: SessionDoc) => boolean;
}

/** To the user of the session, and to the owner who pays for it. */
const noticeOf = ({ entry_id, kind }: SessionNotice, { user, workspace_owner }: SessionDoc): Notice => ({
  entry_id,
  kind,
  users: [user, workspace_owner],
});

interface Found {
  readonly notice: Notice;
  readonly due: boolean;
}

const write = (deps: Deps, told: SessionNotice): Promise<Found | null> =>
  transact(deps.store, async (draft) => {
    const session = await draft.get(sessions, told.session_id);
    if (!session) return null;
    const notice = noticeOf(told, session);
    const due = told.isDue(session);
    if (due)
      writeNotice(deps, draft, notice, {
        workspace_owner: session.workspace_owner,
        workspace_id: session.workspace_id,
        session_id: session.id,
        detail: told.detail,
      });
    return { notice, due };
  });

/** Whether an earlier delivery of the task wrote the entry, and may have ended before it enqueued the deliveries. */
const isWritten = async (deps: Deps, entry_id: string): Promise<boolean> =>
  (await deps.store.get(audit, entry_id)) !== null;

/** Tells of something in a session: one audit entry, however often its task comes, and then its deliveries. */
export const tellOnce = async (deps: Deps, told: SessionNotice): Promise<void> => {
  let found: Found | null;
  try {
    found = await write(deps, told);
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
    const session = (await deps.store.get(sessions, told.session_id))?.data;
    found = session ? { notice: noticeOf(told, session), due: true } : null;
  }
  if (!found || (!found.due && !(await isWritten(deps, told.entry_id)))) return;
  await enqueueDeliveries(deps, found.notice);
};
