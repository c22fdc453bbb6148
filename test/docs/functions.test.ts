import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLOUD_FUNCTIONS, CLOUD_SETTINGS, readCloudSettings } from '#wiring/google-cloud-settings.ts';
import { BadSettings } from '#wiring/settings.ts';

const page = await readFile(join(import.meta.dirname, '../../docs/functions.md'), 'utf8');
const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| ([a-z, ]*) ?\| /gm)].map(([, name = '', needed = '']) => ({
  name,
  needed: needed.trim(),
}));

it('names every setting of the functions, and no other', () => {
  const named = new Set([...page.matchAll(/`(PORT|[A-Z]+_[A-Z_]+)`/g)].map(([, name]) => name));
  named.delete('SIGTERM');
  expect([...named].toSorted()).toEqual(CLOUD_SETTINGS.map(({ name }) => name).toSorted());
});

it('says which function needs which setting', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const cloudFunction of CLOUD_FUNCTIONS) {
    const needed = rows.filter((row) => row.needed === 'all' || row.needed === cloudFunction).map(({ name }) => name);
    let missing: readonly string[] = [];
    try {
      readCloudSettings(cloudFunction, {});
    } catch (error) {
      if (!(error instanceof BadSettings)) throw error;
      missing = error.message.split('\n').map((sentence) => sentence.split(':')[0] ?? '');
    }
    expect(needed.toSorted(), cloudFunction).toEqual(missing.toSorted());
  }
});
