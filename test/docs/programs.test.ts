import { describe, expect, it } from 'vitest';
import { fits, outputsOf, programOf, saidBy } from './programs.ts';

const block = { page: 'page.md', line: 3, language: 'python', text: 'print(1)  # -> 1\n', said: null };

describe('what a block prints', () => {
  it.each([
    ['one\n', 'one\n', true],
    ['one\ntwo\n', 'one\n', false],
    ['one\n', 'one\ntwo\n', false],
    ['id ses-1 is there\n', 'id ... is there\n', true],
    ['id ses-1 was there\n', 'id ... is there\n', false],
    ['a\nb\nc\n', 'a\n...\nc\n', true],
    ['a\nc\n', 'a\n...\nc\n', true],
    ['a\nb\n', 'a\n...\nc\n', false],
    ['1+1\n', '1+1\n', true],
    ['ID    NAME\n', 'ID  NAME\n', true],
    ['ID NAME\n', 'IDNAME\n', false],
    ['', '', true],
    ['more\n', '', false],
  ])('%j is %j: %s', (printed, said, expected) => {
    expect(fits(printed, said)).toBe(expected);
  });

  it('is what its comments say, or the text behind it', () => {
    expect(saidBy('python', block)).toBe('1\n');
    expect(saidBy('ts', { ...block, text: 'console.log(1); // -> 1\nconsole.log(2); // -> 2\n' })).toBe('1\n2\n');
    expect(saidBy('python', { ...block, text: 'x = 1\n' })).toBe('');
    expect(saidBy('sh', { ...block, text: 'true # -> 1\n' })).toBe(null);
    expect(saidBy('sh', { ...block, said: 'two\n' })).toBe('two\n');
  });

  it('is told apart from that of others', () => {
    expect(outputsOf('one\n\u001etwo\n\u001e\n', 1)).toEqual(['one\n\u001etwo\n']);
    expect(outputsOf('one\n\u001e\n\u001e\nlate\n', 2)).toEqual(['one\n', '']);
    expect(() => outputsOf('one\n\u001e\ntwo', 2)).toThrow('only 1 of 2');
  });
});

it('programs have each block on its own lines', () => {
  const program = programOf('python', [block, { ...block, line: 7 }]).split('\n');
  expect([program[2], program[6]]).toEqual(['print(1)  # -> 1', 'print(1)  # -> 1']);
});
