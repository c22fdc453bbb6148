import { describe, expect, it } from 'vitest';
import * as bounds from '../../shared/platform/protocol/bounds.ts';
import { FRAME } from '../../shared/platform/protocol/frames.ts';
import { EXEC_OPERATIONS } from '../../shared/platform/protocol/operations.ts';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../shared/platform/protocol/versions.ts';
import { EXEC_ERROR_CODES } from '../../shared/platform/protocol/wire.ts';
import { read } from './source.ts';

const page = read('docs/protocol.md');

/** The first table of a chapter: its rows as cells, without the two lines of its head. */
const table = (chapter: string): string[][] => {
  const lines = (page.split(`\n## ${chapter}\n`)[1] ?? '').split('\n');
  const from = lines.findIndex((line) => line.startsWith('|'));
  const length = lines.slice(from).findIndex((line) => !line.startsWith('|'));
  return lines.slice(from + 2, from + length).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
};

const sorted = (names: Iterable<string>): string[] => [...names].sort();

describe('docs/protocol.md', () => {
  it('names every type of frame by its number', () => {
    const frames = Object.fromEntries(table('Frames').map(([number, name = '']) => [name, Number(number)]));
    expect(frames).toEqual(FRAME);
  });

  it('names every operation', () => {
    const served = [...EXEC_OPERATIONS, 'read', 'ping'];
    expect(sorted(table('Calls').map(([op = '']) => op))).toEqual(sorted(served));
  });

  it('names every error code', () => {
    const own = ['version', 'no_such_op', 'cancelled', 'internal'];
    expect(sorted(table('Errors').map(([code = '']) => code))).toEqual(sorted([...EXEC_ERROR_CODES, ...own]));
  });

  it('has the numbers of the code', () => {
    const written = Object.fromEntries(table('Bounds').map(([name = '', value]) => [name, Number(value)]));
    expect(written).toEqual({ ...bounds, OLDEST_VERSION, NEWEST_VERSION });
  });
});
