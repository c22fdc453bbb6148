import { expect, it } from 'vitest';
import { heldLog } from './held-log.ts';

const logged = () => {
  const lines: string[] = [];
  return { lines, log: heldLog((line) => lines.push(line)) };
};

it('holds lines until they are released, then writes at once', () => {
  const { lines, log } = logged();
  log.write('one');
  expect(lines).toEqual([]);
  log.release([]);
  log.write('two');
  expect(lines).toEqual(['one', 'two']);
  log.release([]);
  expect(lines).toEqual(['one', 'two']);
});

it('leaves out what is not wanted, but never a warning or an error', () => {
  const { lines, log } = logged();
  const kept = ['{"severity":"ERROR","path":"/v1/sessions/ses-1"}', '10:00:00 WARNING task session_id=ses-1', 'other'];
  for (const line of ['{"severity":"INFO","path":"/v1/sessions/ses-1"}', ...kept]) log.write(line);
  log.release(['ses-1']);
  expect(lines).toEqual(kept);
});
