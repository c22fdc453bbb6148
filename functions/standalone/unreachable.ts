import { sessions } from '#services/model/collections.ts';
import type { Standalone } from '#wiring/standalone.ts';

/** A session that a keeper of another version has, and when it ends; null where the store does not know it. */
export interface Unreachable {
  readonly id: string;
  readonly ends_at: string | null;
}

/** Sessions of a keeper that has no version of the protocol in common with this server. */
export const unreachableSessions = async ({ compute, deps }: Standalone): Promise<readonly Unreachable[]> => {
  const owned = await compute.keeper.unreachable();
  const docs = await deps.store.getMany(
    sessions,
    owned.map(({ session_id }) => session_id),
  );
  return owned.map(({ session_id }, i) => {
    const session = docs[i]?.data;
    return { id: session_id, ends_at: session?.deadline_held ?? session?.expires_at ?? null };
  });
};
