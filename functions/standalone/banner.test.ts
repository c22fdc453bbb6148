import { expect, it } from 'vitest';
import { closing, machineText } from './banner.ts';

const machine = {
  keyPath: '/data/admin.key',
  keyMade: false,
  isolation: 'full',
  network: 'none',
  notes: ['Sessions have no network: pasta could not connect it.'],
  resumed: 0,
};

it('the lines to paste are commands of any shell, or comments', () => {
  const [, pasted = ''] = closing('0', 'http://127.0.0.1:8080', "/it's/admin.key").split('Paste next:\n');
  const lines = pasted.trimEnd().split('\n');
  expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(['export', 'curl', '#']);
  expect(lines[0]).toContain(`cat '/it'\\''s/admin.key'`);
});

it('says what sessions lack, and warns where they are not isolated', () => {
  expect(machineText(machine)).toContain('Sessions have no network: pasta could not connect it.');
  expect(machineText(machine)).not.toContain('plain processes');
  expect(machineText({ ...machine, isolation: 'none' })).toContain('plain processes of this user');
});
