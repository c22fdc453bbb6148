import type { z } from 'zod';
import { invalidField, Problem } from '#contract/errors.ts';
import type { ApiContext } from '../context.ts';

/**
 * Refuses an address whose percent-encoding is not UTF-8. It would be taken as it is written, so that `%ff` would be a
 * name. @throws Problem malformed
 */
export const refuseBadEncoding = (c: ApiContext): void => {
  const { pathname, search } = new URL(c.req.url);
  try {
    decodeURIComponent(`${pathname}${search}`);
  } catch (error) {
    throw new Problem(
      'malformed',
      'The address is not percent-encoded UTF-8. Encode each name in it, as encodeURIComponent does.',
      { cause: error },
    );
  }
};

/**
 * The parameters of the query. One that is given twice is refused, because only one of the two could have an effect.
 * @throws Problem invalid
 */
export const readQuery = (c: ApiContext): Record<string, string> => {
  for (const [name, values] of Object.entries(c.req.queries()))
    if (values.length > 1) throw invalidField(name, 'is given more than once; give it once');
  return c.req.query();
};

const MADE = new WeakMap<z.ZodObject, z.ZodObject>();

/** The same schema, which refuses unknown names. It is made once. */
export const withoutOthers = <Q extends z.ZodObject>(schema: Q): Q => {
  const made = MADE.get(schema) ?? schema.strict();
  MADE.set(schema, made);
  return made as Q;
};
