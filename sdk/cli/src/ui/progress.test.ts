import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { during, progress } from './progress.ts';

const screen = (isTTY: boolean) => {
  let text = '';
  return {
    out: {
      isTTY,
      write: (part: string | Uint8Array): boolean => {
        text += String(part);
        return true;
      },
    },
    text: () => text,
  };
};

it('draws what lasts on a terminal, says what changes, and leaves nothing', async () => {
  const { out, text } = screen(true);
  const line = progress('Working', out);
  const other = progress('Within', out);
  while (!text().includes('Working')) await pause(20);
  line.say('Still working');
  while (!text().includes('Still working')) await pause(20);
  other.stop();
  line.stop();
  line.stop();
  expect(text().endsWith('\r\u001b[K')).toBe(true);
  expect(text()).not.toContain('Within');
});

it('draws nothing for what is quick, and nothing where there is no terminal', async () => {
  const quick = screen(true);
  expect(await during('Quick', Promise.resolve(4), quick.out)).toBe(4);
  expect(quick.text()).toBe('');
  const piped = screen(false);
  await during('Slow', pause(800), piped.out);
  expect(piped.text()).toBe('');
});
