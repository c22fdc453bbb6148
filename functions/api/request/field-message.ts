import { z } from 'zod';
import { meantBy } from '#domain/spelling.ts';

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && !Number.isInteger(value)) return String(value);
  return TYPES[typeof value] ?? typeof value;
};

const bounded = (origin: string, bound: string): string => {
  if (origin === 'string') return `must have ${bound} characters`;
  return origin === 'array' ? `must have ${bound} items` : `must be ${bound}`;
};

const namesOf = (schema: unknown): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];

/** Says that a name is unknown, and which one was probably meant. */
const unknownName = (name: string, known: readonly string[]): string => {
  const meant = meantBy(name, known);
  if (meant !== null) return `is unknown here. Did you mean ${meant}?`;
  return known.length === 0 ? 'is unknown here: leave it out' : `is unknown here. Known: ${known.join(', ')}`;
};

/** Says what is wrong with a field, for the person who sent it. A schema’s own sentence overrides this. */
export const fieldMessage: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && issue.code !== 'custom') return 'is required';
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = TYPES[issue.expected] ?? issue.expected;
      return `must be ${wanted}, not ${kindOf(issue.input)}`;
    }
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return Array.isArray(issue.options) ? `must be one of ${issue.options.map(String).join(', ')}` : undefined;
    case 'invalid_key':
      return issue.issues[0]?.message;
    case 'too_small':
      return bounded(
        issue.origin,
        issue.inclusive === false ? `more than ${issue.minimum}` : `${issue.minimum} or more`,
      );
    case 'too_big':
      return bounded(
        issue.origin,
        issue.inclusive === false ? `less than ${issue.maximum}` : `no more than ${issue.maximum}`,
      );
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownName(key, namesOf(issue.inst))).join('\n');
    case 'invalid_format':
      return issue.format === 'datetime' ? 'must be an instant such as 2026-11-22T18:00:00Z' : undefined;
    default:
      return undefined;
  }
};
