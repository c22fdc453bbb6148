import { expect, it } from 'vitest';
import { iso } from '#ports/clock.ts';
import type { IntentDoc } from '#services/model/docs.ts';
import { intentsText } from './intents-text.ts';

const NOW = Date.parse('2026-03-16T10:20:00.000Z');

const open = (number: number, fields: Partial<IntentDoc>): IntentDoc => ({
  ...{ id: `ses-${number}:1`, kind: 'provision', session_id: `ses-${number}`, generation: 1, attempt: 1 },
  ...{ created_at: iso(NOW), next_at: iso(NOW), last_error: null, ...fields },
});
const two = [
  open(1, {
    attempt: 21,
    created_at: iso(NOW - 49 * 3_600_000),
    last_error: `\u001b[31mno\nroom\u202e ${'x'.repeat(200)}`,
  }),
  open(2, { created_at: iso(NOW - 59_000) }),
];
const shown = (columns: number | null, colour = false) => intentsText(two, false, NOW, { columns, colour }).split('\n');

it('fits the terminal, and is whole where there is none', () => {
  for (const columns of [60, 80, 120])
    expect(
      Math.max(
        ...shown(columns)
          .slice(0, 3)
          .map((line) => line.length),
      ),
    ).toBe(columns);
  expect(shown(80)[1]).toMatch(/^ses-1:1 {2}provision {2}2 d +21 ! +\[31mno room x+…$/);
  expect(shown(null)[1]).toMatch(/x{200}$/);
  expect(shown(80)[2]).toMatch(/^ses-2:1 {2}provision {2}59 s +1 +-$/);
});

it('lets nothing of an error act on the terminal', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  expect(shown(null).join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});

it('colours the line of one that was tried often, where colours are wanted', () => {
  const [, first = '', second = ''] = shown(80, true);
  expect(first.startsWith('\u001b[31mses-1:1')).toBe(true);
  expect(first.endsWith('\u001b[39m')).toBe(true);
  expect(second).not.toContain('\u001b');
});

it('says that nothing is open, and that there is more', () => {
  const screen = { columns: 80, colour: false };
  expect(intentsText([], false, NOW, screen)).toBe('No intent is open: all work is done.');
  expect(intentsText(two, true, NOW, screen)).toContain('There are more; --limit shows up to 1,000.');
  expect(intentsText(two, false, NOW, screen)).toContain('! One has been tried more than 20 times.');
});
