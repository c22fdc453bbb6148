import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diskFindings, nodeFinding } from './machine.ts';

it('knows which versions of Node run the program and which run the server', () => {
  expect([nodeFinding('20.19.0'), nodeFinding('22.12.0'), nodeFinding('26.1.0')].map(({ state }) => state)).toEqual([
    'problem',
    'warning',
    'ok',
  ]);
});

it('checks the parent folder if the data folder does not exist yet', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'onmemos-doctor-'));
  try {
    const [folder, disk] = await diskFindings(join(dir, 'not', 'made', 'yet'));
    expect(folder).toMatchObject({ check: 'Data folder', state: 'ok' });
    expect(disk?.message).toContain(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
});
