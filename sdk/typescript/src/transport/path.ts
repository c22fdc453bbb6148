import { Invalid } from '../errors.ts';

/** A path with each id as one segment of it, whatever the id has in it. @throws Invalid for an id that no path can have */
export const path = (strings: TemplateStringsArray, ...ids: readonly string[]): string =>
  strings.reduce((text, part, i) => `${text}${segment(ids[i - 1] ?? '')}${part}`);

const segment = (id: string): string => {
  // URLs take dots for a way up, and nothing for the list itself.
  if (id === '' || id === '.' || id === '..') {
    const errors = [{ field: 'id', message: 'must be an id' }];
    throw new Invalid({ code: 'invalid', message: `"${id}" is not an id`, errors });
  }
  return encodeURIComponent(id);
};

/** What can stand in a query; what is undefined or null is left out. */
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A query with its question mark, or nothing. */
export const queryString = (query: Query = {}): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
};
