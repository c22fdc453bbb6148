import { Problem } from '#contract/errors.ts';
import type { Verdict } from '#domain/quota.ts';

/** Turns a refusal into the problem that the caller sees. */
export const assertAllowed = (verdict: Verdict): void => {
  if (!verdict.ok) {
    throw new Problem(verdict.code, verdict.message, { errors: [{ field: verdict.field, message: verdict.message }] });
  }
};
