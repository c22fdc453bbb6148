import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bundle } from './bundle.ts';
import { noticesOf } from './notices.ts';

it('has the licence of each package in the bundle, and of what those have bundled', async () => {
  const out = await mkdtemp(join(tmpdir(), 'onmemos-bundle-'));
  try {
    await bundle(out);
    const notices = await readFile(join(out, 'NOTICES'), 'utf8');
    const [, ...packages] = notices.split(`\n${'-'.repeat(76)}\n`);
    const named = packages.map((text) => /^\n(\S+) \d+\.\d+\.\d+, [\w.-]+\n/.exec(text)?.[1]);
    expect(named).toEqual(
      expect.arrayContaining(['hono', '@hono/zod-openapi', 'pino', 'swagger-ui-dist', 'ws', 'zod']),
    );
    for (const [i, text] of packages.entries()) {
      expect(text, named[i]).toMatch(/Copyright/i);
      expect(text, named[i]).toMatch(/warrant(y|ies)/i);
    }
    // What the page of calls has bundled.
    expect(packages[named.indexOf('swagger-ui-dist')]).toMatch(/DOMPurify/);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});

it('is refused where a package has no licence to ship', async () => {
  await expect(noticesOf(['node_modules/onmemos/src/index.ts'])).rejects.toThrow(/has no licence file/);
});
