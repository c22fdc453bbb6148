import { describe, expect, it } from 'vitest';
import { Invalid } from '../errors.ts';
import { path, queryString } from './path.ts';

describe('path', () => {
  it('makes each id one segment, whatever is in it', () => {
    expect(path`/v1/users/${'a/b?c#d%e f'}/x`).toBe('/v1/users/a%2Fb%3Fc%23d%25e%20f/x');
    expect(path`/v1/workspaces/${'ä'}/${'w'}`).toBe('/v1/workspaces/%C3%A4/w');
  });

  it('refuses what a URL would take for another path', () => {
    for (const id of ['', '.', '..']) expect(() => path`/v1/sessions/${id}`).toThrow(Invalid);
  });
});

describe('queryString', () => {
  it('leaves out what is not given, and keeps what is false or 0', () => {
    expect(queryString({ a: undefined, b: null, c: 0, d: false, e: 'x y&z' })).toBe('?c=0&d=false&e=x+y%26z');
    expect(queryString({ a: undefined })).toBe('');
    expect(queryString()).toBe('');
  });
});
