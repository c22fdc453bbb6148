import { expect, it } from 'vitest';
import { wrap } from './wrap.ts';

it('fills lines, and leaves examples and empty lines as they are', () => {
  const text = '\none two three\nfour five\n\n  onmemos run -- a long example that stays\nsix';
  expect(wrap(text, 11)).toBe('\none two\nthree four\nfive\n\n  onmemos run -- a long example that stays\nsix');
});
