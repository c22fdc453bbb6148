import { describe, expect, it } from 'vitest';
import { details, plain, table } from './table.ts';

const COLUMNS = [{ title: 'ID' }, { title: 'SIZE', align: 'right' }, { title: 'WHAT', shrinks: true }] as const;

describe('a table', () => {
  it('sets columns below each other, without spaces at the ends of lines', () => {
    const text = table(COLUMNS, [
      ['a', '1', 'x'],
      ['long-id', '1000', ''],
    ]);
    expect(text).toBe(['ID       SIZE  WHAT', 'a           1  x', 'long-id  1000'].join('\n'));
  });

  it('cuts what may be cut to the width of a terminal, and nothing else', () => {
    const wide = 'a sentence that is much too long for this terminal';
    const lines = table(COLUMNS, [['id-that-stays-whole', '1', wide]], { limit: 50 }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(50);
    expect(lines[1]).toMatch(/^id-that-stays-whole {5}1 {2}a sentence.*…$/);
    expect(table(COLUMNS, [['id-that-stays-whole', '1', wide]], { limit: 10 })).toContain('id-that-stays-whole');
  });

  it('counts what is seen, not colours', () => {
    const coloured = table([{ title: 'A' }, { title: 'B' }], [['\u001b[32mok\u001b[39m', 'x']]);
    expect(coloured.split('\n')[1]).toBe('\u001b[32mok\u001b[39m  x');
  });
});

it('takes out of the text of others whatever a terminal would obey', () => {
  expect(plain('two\nlines\u001b[31m red\u0007\u009b2J')).toBe('two lines red');
});

it('leaves out details that are not there', () => {
  const text = details([
    ['ID', 'x'],
    ['Message', null],
    ['Empty', ''],
    ['Sessions', 0],
  ]);
  expect(text).toBe('ID:        x\nSessions:  0');
});
