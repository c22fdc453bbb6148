import { createHash } from 'node:crypto';
import { invalidField } from '#contract/errors.ts';
import type { IdempotencyKey } from '#services/kernel/call.ts';
import type { ApiContext } from '../context.ts';

export const IDEMPOTENCY_HEADER = 'Idempotency-Key';
const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

/**
 * The caller's Idempotency-Key, bound to method, path and body; null without a key. Only a POST has one.
 * @throws Problem invalid
 */
export const readIdempotency = (c: ApiContext, body: unknown): IdempotencyKey | null => {
  const key = c.req.header(IDEMPOTENCY_HEADER);
  if (key === undefined || c.req.method !== 'POST') return null;
  if (!PRINTABLE.test(key)) throw invalidField(IDEMPOTENCY_HEADER, 'is 1 to 255 printable ASCII characters');
  return { key, method: c.req.method, path: c.req.path, fingerprint: fingerprint(body) };
};

/** SHA-256 of a checked body. The order of its fields does not matter. */
export const fingerprint = (body: unknown): string =>
  createHash('sha256')
    .update(canonical(body ?? {}))
    .digest('hex');

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
