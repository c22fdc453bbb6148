import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { assertRunnable } from './runnable.ts';

it.each([
  ['', 127],
  ['no-such-program', 127],
  ['/etc/passwd/x', 127],
  ['/etc/passwd', 126],
  ['/etc', 126],
])('says what a shell says of the program %j: %i', async (program, exit_code) => {
  const refused = assertRunnable(program, tmpdir(), '/usr/bin:/bin');
  await expect(refused).rejects.toMatchObject({ part: 'program', exit_code });
});
