import { invalid } from './refusal.ts';

export interface Paged {
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** One page of a list in the order of its names. A token names the last item of the page before it. */
export const pageOf = <T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  most: number,
  { pageSize = 0, pageToken = '' }: Paged,
): { readonly page: readonly T[]; readonly nextPageToken: string } => {
  if (pageSize < 0 || pageSize > most) throw invalid(`page_size must be in the range [0, ${most}].`);
  const after = Buffer.from(pageToken, 'base64url').toString();
  const sorted = items.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const rest = sorted.filter((item) => nameOf(item) > after);
  const page = rest.slice(0, pageSize === 0 ? most : pageSize);
  const last = page.at(-1);
  const more = last !== undefined && rest.length > page.length;
  return { page, nextPageToken: more ? Buffer.from(nameOf(last)).toString('base64url') : '' };
};
