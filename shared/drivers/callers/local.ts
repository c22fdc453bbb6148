import { createHash, timingSafeEqual } from 'node:crypto';
import { CALLER_ROLES, type Caller, CallerRefused, type CallerRole, type Callers } from '#ports/callers.ts';
import type { Ids } from '#ports/ids.ts';

export interface LocalCallers extends Callers {
  /** What a caller in this role sends as its `Authorization` header. */
  authorization(role: CallerRole): string;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Callers in the same process: they send secrets that are made when it starts and are stored nowhere. */
export const localCallers = (ids: Pick<Ids, 'random'>): LocalCallers => {
  const made = new Map(
    CALLER_ROLES.map((role) => [role, `Bearer ${Buffer.from(ids.random(32)).toString('base64url')}`]),
  );
  const known = [...made].map(([role, header]) => ({ role, digest: digest(header) }));
  return {
    authorization: (role) => made.get(role) ?? '',
    verify: async ({ authorization }): Promise<Caller> => {
      if (authorization === null) throw new CallerRefused('there is no Authorization header');
      const presented = digest(authorization);
      // Each is compared, in constant time: how long it takes says nothing of which one was nearly right.
      const found = known.filter((caller) => timingSafeEqual(caller.digest, presented))[0];
      if (!found) throw new CallerRefused('this is no caller of this process');
      return { role: found.role, account: 'local' };
    },
  };
};
