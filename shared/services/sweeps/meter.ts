import { iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookAtSession } from '../lifecycle/look.ts';
import { sessions } from '../model/collections.ts';

const PAGE = 200;
const AT_ONCE = 16;

/** Looks at every live session that is due. Safe to repeat: what was billed is not billed again. */
export const meterSessions = async (deps: Deps): Promise<{ looked: number; failed: number }> => {
  const range = { lte: iso(deps.clock.now()) };
  let looked = 0;
  let failed = 0;
  let cursor: string | undefined;
  do {
    const due = await deps.store.query(sessions, {
      order: { field: 'meter_due', direction: 'asc' },
      range,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (let i = 0; i < due.docs.length; i += AT_ONCE) {
      const results = await Promise.allSettled(due.docs.slice(i, i + AT_ONCE).map(({ id }) => lookAtSession(deps, id)));
      const errors = results.filter((result) => result.status === 'rejected');
      looked += results.length - errors.length;
      failed += errors.length;
      for (const { reason } of errors)
        deps.log.warn({ err: reason }, 'a session could not be looked at; the next round does');
    }
    cursor = due.next ?? undefined;
  } while (cursor !== undefined);
  return { looked, failed };
};
