import { expect, it } from 'vitest';
import { paintStatus, palette, wantsColour } from './colour.ts';

it('is for terminals alone, and not where somebody wants none', () => {
  const tty = { isTTY: true };
  expect(wantsColour(tty, {})).toBe(true);
  expect(wantsColour({}, {})).toBe(false);
  expect(wantsColour(tty, { NO_COLOR: '1' })).toBe(false);
  expect(wantsColour(tty, { NO_COLOR: '' })).toBe(true);
  expect(wantsColour(tty, { TERM: 'dumb' })).toBe(false);
});

it('tells states apart, and nothing where it is off', () => {
  const on = ['running', 'creating', 'failed', 'terminated'].map((status) => paintStatus(status, palette(true)));
  expect(new Set(on.map((text) => text.slice(0, 5))).size).toBe(4);
  expect(paintStatus('running', palette(false))).toBe('running');
});
