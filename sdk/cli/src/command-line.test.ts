import { expect, it } from 'vitest';
import { asStartFailure, commandOf } from './command-line.ts';
import { tell } from './errors.ts';

it('gives one word to the shell, and several to a program as they are', () => {
  expect(commandOf(['ls | wc'])).toEqual({ command: 'ls | wc' });
  expect(commandOf(['ls', '-la', ''])).toEqual({ argv: ['ls', '-la', ''] });
  for (const nothing of [[], [' ']]) expect(() => commandOf(nothing)).toThrow('There is no command.');
});

it('ends as a shell does where a program can not be started', () => {
  const refused = (field: string, message: string) =>
    Object.assign(new Error(message), { code: 'invalid', errors: [{ field, message }] });
  expect(tell(asStartFailure(refused('argv', 'x: No such file or directory'))).exit).toBe(127);
  expect(tell(asStartFailure(refused('argv', 'x: Permission denied'))).exit).toBe(126);
  expect(tell(asStartFailure(refused('cwd', '/x: No such file or directory'))).exit).toBe(2);
});
