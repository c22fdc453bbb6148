import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Each file's types are stripped once, and not at every start: that saves time, and the memory of what strips them.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/onmemos', import.meta.url)));
await import('./main.ts');
