import { existsSync, statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// A young generation that does not grow: blocks of output that wait in it for their end are let go of early.
setFlagsFromString('--semi-space-growth-factor=1');
// Each file's types are stripped once, and not at every start: that saves time, and the memory of what strips them.
// The bundle has keeper.js beside it, the repository main.ts.
const source = existsSync(new URL('./main.ts', import.meta.url));
// Another user than the owner of these files leaves nothing among them.
const home = fileURLToPath(new URL(source ? '../../node_modules/' : './', import.meta.url));
if (statSync(home).uid === process.getuid?.()) enableCompileCache(`${home}.cache${source ? '/onmemos' : ''}`);
await import(source ? './main.ts' : './keeper.js');
