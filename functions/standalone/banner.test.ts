import { expect, it } from 'vitest';
import { banner } from './banner.ts';

const input = {
  url: 'http://127.0.0.1:8080',
  dataDir: '/data',
  keyPath: "/it's/admin.key",
  keyMade: false,
  version: '0',
  isolation: 'full',
  network: 'none',
  refused: [],
  resumed: 0,
  steps: [],
};

it('the lines to paste are commands of any shell, or comments', () => {
  const lines = banner(input).split('Paste next:\n')[1]?.trimEnd().split('\n') ?? [];
  expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(['export', 'curl', '#']);
  expect(lines[0]).toContain(`cat '/it'\\''s/admin.key'`);
});

it('says that sessions have no network', () => {
  expect(banner(input)).toContain('Sessions have no network');
  expect(banner({ ...input, network: 'own' })).not.toContain('Sessions have no network');
});
