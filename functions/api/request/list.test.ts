import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { Problem } from '#contract/errors.ts';
import type { ApiEnv } from '../context.ts';
import { listAnswer, pageOfWhole } from './list.ts';

const answer = async (query: string, next_cursor: string | null) => {
  const app = new Hono<ApiEnv>();
  app.get('/v1/things', (c) => listAnswer(c, { items: [1, 2], next_cursor }));
  const response = await app.request(`/v1/things${query}`);
  return { json: (await response.json()) as unknown, link: response.headers.get('link') };
};

describe('listAnswer', () => {
  it('is a plain array if the caller asks for no page', async () => {
    expect(await answer('?user=a', null)).toEqual({ json: [1, 2], link: null });
  });

  it('links from a plain array to the rest of the list, with the same filters', async () => {
    const { json, link } = await answer('?user=a%2Bb', 'c/1');
    expect(json).toEqual([1, 2]);
    expect(link).toBe('</v1/things?user=a%2Bb&limit=1000&cursor=c%2F1>; rel="next"');
  });

  it.each(['?limit=2', '?cursor=x', '?limit=2&cursor=x'])('is a page for %s', async (query) => {
    expect(await answer(query, 'c1')).toEqual({ json: { items: [1, 2], next_cursor: 'c1' }, link: null });
  });
});

describe('pageOfWhole', () => {
  const whole = ['a', 'b', 'c'].map((name) => ({ name }));

  it('gives every item once, page by page', () => {
    const first = pageOfWhole(whole, { limit: 2 });
    expect(first).toEqual({ items: [{ name: 'a' }, { name: 'b' }], next_cursor: 'b' });
    expect(pageOfWhole(whole, { limit: 2, cursor: 'b' })).toEqual({ items: [{ name: 'c' }], next_cursor: null });
    expect(pageOfWhole(whole, { limit: 3 }).next_cursor).toBeNull();
    expect(pageOfWhole(whole, {})).toEqual({ items: whole, next_cursor: null });
  });

  it('refuses a cursor that it did not give', () => {
    expect(() => pageOfWhole(whole, { cursor: 'z' })).toThrow(Problem);
  });
});
