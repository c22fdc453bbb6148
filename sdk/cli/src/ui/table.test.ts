import { describe, expect, it } from 'vitest';
import { details, plain, table } from './table.ts';
import { prepareWidths } from './text-width.ts';

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

it('gives wide characters two columns, and cuts between whole ones', async () => {
  await prepareWidths(['経済']);
  const rows = [
    ['経済', 'x'],
    ['👩‍💻 e\u0301', 'y'],
  ];
  expect(table([{ title: 'NAME' }, { title: 'B' }], rows)).toBe('NAME  B\n経済  x\n👩‍💻 é  y'.replace('é', 'e\u0301'));
  const narrow = table([{ title: 'A', shrinks: true }, { title: 'B' }], [['経'.repeat(20), 'x']], { limit: 18 });
  expect(narrow.split('\n')[1]).toBe(`${'経'.repeat(7)}…  x`);
});

it('leaves out columns, the lowest number first, only where they have no room', () => {
  const columns = [
    { title: 'ID' },
    { title: 'AGE', drop: 2 },
    { title: 'WHAT', shrinks: true, drop: 1 },
    { title: 'END' },
  ];
  const rows = [['0123456789', '1m', 'a long text that shrinks', '2m']];
  const titles = (limit?: number): string[] => (table(columns, rows, { limit }).split('\n')[0] ?? '').split(/ +/);
  expect(titles()).toEqual(['ID', 'AGE', 'WHAT', 'END']);
  expect(titles(34)).toEqual(['ID', 'AGE', 'WHAT', 'END']);
  expect(titles(33)).toEqual(['ID', 'AGE', 'END']);
  expect(titles(19)).toEqual(['ID', 'END']);
  expect(titles(1)).toEqual(['ID', 'END']);
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

it('continues a long value of a detail under its beginning, at whole words', () => {
  const entries = [
    ['Packages', 'dev_micro, dev_small, dev_medium, dev_large'],
    ['ID', 'ses-00000000000000000000000001'],
  ] as const;
  expect(details(entries, undefined, 36)).toBe(
    [
      'Packages:  dev_micro, dev_small,',
      '           dev_medium, dev_large',
      'ID:        ses-00000000000000000000000001',
    ].join('\n'),
  );
  expect(details(entries).split('\n')).toHaveLength(2);
});
