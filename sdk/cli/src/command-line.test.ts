import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { asStartFailure, commandOf, commandText } from './command-line.ts';
import { tell } from './errors.ts';

it('gives one word to the shell, and several to a program as they are', () => {
  expect(commandOf(['ls | wc'])).toEqual({ command: 'ls | wc' });
  expect(commandOf(['ls', '-la', ''])).toEqual({ argv: ['ls', '-la', ''] });
  for (const nothing of [[], [' ']]) expect(() => commandOf(nothing)).toThrow('There is no command.');
});

it('shows a command as it could be typed again', () => {
  expect(commandText({ command: 'ls | wc', argv: null })).toBe('ls | wc');
  const argv = ['python3', '-c', 'print(1)', '', "it's", '/a/b=c'];
  expect(commandText({ command: null, argv })).toBe(`python3 -c 'print(1)' '' 'it'\\''s' /a/b=c`);
});

const { not_started } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../test/vectors/signals.json'), 'utf8'),
) as { readonly not_started: readonly { readonly field: string; readonly exit_code: number | null }[] };

it('ends as the server says where a command could not be started, whatever the words are', () => {
  const codes = not_started.map(({ field, exit_code }) => {
    const errors = [{ field, message: 'some words' }];
    const error = Object.assign(new Error(`${field}: some words`), { code: 'invalid', errors, exit_code });
    return tell(asStartFailure(error)).exit;
  });
  expect(codes).toEqual(not_started.map(({ exit_code }) => exit_code ?? 2));
  expect(new Set(codes)).toEqual(new Set([2, 126, 127]));
});
