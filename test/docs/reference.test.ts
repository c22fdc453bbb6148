import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PAGES } from '../../docs/reference/generate/pages.ts';
import { ROOT } from './snippets.ts';

describe('the reference is what the code gives now (npm run reference writes it)', () => {
  it.for(PAGES)('$file', async ({ file, generator, prepare, print }, { skip }) => {
    try {
      await prepare();
    } catch (error) {
      skip(`${generator} can't be had here: ${String(error)}`);
    }
    expect(await print()).toBe(await readFile(join(ROOT, 'docs', 'reference', file), 'utf8'));
  });
});
