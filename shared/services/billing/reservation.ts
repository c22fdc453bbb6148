import { type Reservation, sessionReservation } from '#domain/budget.ts';
import { epochMs } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { SessionDoc } from '../model/docs.ts';

/** What a session that is on record can still cost until `expires_at`, by month. */
export const remainingReservation = (deps: Deps, session: SessionDoc, expires_at: number): Reservation =>
  sessionReservation({
    plan: session.bill,
    // One that is not known to run may have run since it was created.
    from: epochMs(session.metered_until ?? session.created_at),
    expires_at,
    billed: session.metered_until !== null && session.metered_until !== session.started_at,
    table: deps.settings.prices,
  });
