import type { z } from 'zod';
import { invalidField } from '#contract/errors.ts';
import type { ApiContext } from '../context.ts';

/**
 * The parameters of the query. One that is given twice is refused, because only one of the two could have an effect.
 * @throws Problem invalid
 */
export const readQuery = (c: ApiContext): Record<string, string> => {
  for (const [name, values] of Object.entries(c.req.queries()))
    if (values.length > 1) throw invalidField(name, 'is given more than once');
  return c.req.query();
};

const MADE = new WeakMap<z.ZodObject, z.ZodObject>();

/** The same schema, which refuses unknown names. It is made once. */
export const withoutOthers = <Q extends z.ZodObject>(schema: Q): Q => {
  const made = MADE.get(schema) ?? schema.strict();
  MADE.set(schema, made);
  return made as Q;
};
