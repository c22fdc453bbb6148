import { users } from '#services/model/collections.ts';
import type { Standalone } from '#wiring/standalone.ts';

/** What serving depends on, each `ok` or in a few words what is wrong with it. */
export const readyCheck = (machine: Standalone) => async (): Promise<Readonly<Record<string, string>>> => {
  const said = (check: Promise<unknown>): Promise<string> =>
    check.then(() => 'ok').catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  const [store, keeper] = await Promise.all([
    said(machine.store.query(users, { limit: 1 })),
    said(machine.compute.keeper.sessions()),
  ]);
  return { store, keeper };
};
