import { expect, it } from 'vitest';
import { shortIds } from './short-ids.ts';

it('shortens ids to one length that tells them apart, and leaves names alone', () => {
  const [a, b] = ['ses-01m8exfsd54q37zjphp9k91s91', 'ses-01m8exfp45adhcjbb6898v9zbg'] as const;
  const short = shortIds([a, b, 'mine']);
  expect([short(a), short(b), short('mine')]).toEqual(['ses-01m8exfsd5', 'ses-01m8exfp45', 'mine']);
  const near = 'ses-01m8exfsd54q38zjphp9k91s91';
  const longer = shortIds([a, near]);
  expect([longer(a), longer(near)]).toEqual(['ses-01m8exfsd54q37', 'ses-01m8exfsd54q38']);
  expect(shortIds([a, a])(a)).toBe('ses-01m8exfsd5');
});
