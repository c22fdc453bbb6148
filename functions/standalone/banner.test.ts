import { expect, it } from 'vitest';
import { closing, machineText } from './banner.ts';

const machine = {
  keyPath: '/data/admin.key',
  keyMade: false,
  isolation: 'full',
  network: 'none',
  notes: ['Sessions have no network: pasta could not connect it.'],
  resumed: 0,
  unreachable: [],
};

it('the lines to paste are commands of any shell, or comments', () => {
  const [, pasted = ''] = closing('0', 'http://127.0.0.1:8080', "/it's/admin.key").split('Paste next:\n');
  const lines = pasted.trimEnd().split('\n');
  expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(['export', 'curl', '#']);
  expect(lines[0]).toContain(`cat '/it'\\''s/admin.key'`);
});

it('names each session that it can’t reach, and by when it ends', () => {
  const unreachable = [
    { id: 'ses-a', ends_at: '2026-11-27T12:00:00.000Z' },
    { id: 'ses-b', ends_at: null },
  ];
  const text = machineText({ ...machine, resumed: 1, unreachable });
  expect(text).toContain('1 of an earlier server continue');
  expect(text).toMatch(
    /2 belong to a keeper of another version and can’t be reached .*\n +ses-a ends by 2026-11-27T12:00:00.000Z\n/,
  );
  expect(text).toMatch(/ses-b ends by itself$/);
  expect(machineText(machine)).not.toContain('another version');
});

it('says what sessions lack, and warns where they are not isolated', () => {
  expect(machineText(machine)).toContain('Sessions have no network: pasta could not connect it.');
  expect(machineText(machine)).not.toContain('plain processes');
  expect(machineText({ ...machine, isolation: 'none' })).toContain('plain processes of this user');
});
