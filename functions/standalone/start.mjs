#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

// The bundle has main.js beside it, the repository main.ts.
const source = existsSync(new URL('./main.ts', import.meta.url));
// Runs on any Node, so that an old one gets a sentence instead of a syntax error.
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `OnMemOS needs Node 24 or later, and this is ${process.versions.node}. ` +
      (source ? 'On Linux `npm ci && npm start` brings its own; elsewhere install' : 'Install') +
      ' it from nodejs.org.',
  );
  process.exit(1);
}
// A young generation that does not grow: a large one lets so many blocks of output wait in it for their end that the
// memory outside of the heap forces whole collections, which then take most of the time of a busy stream.
v8.setFlagsFromString('--semi-space-growth-factor=1');
// Each file is compiled, and its types are stripped, once and not at every start: that saves time and memory.
const cache = source ? '../../node_modules/.cache/onmemos' : './.cache';
module.enableCompileCache(fileURLToPath(new URL(cache, import.meta.url)));
await import(source ? './main.ts' : './main.js');
// The service runs: what was compiled for it is kept now, as nobody knows how it will end.
module.flushCompileCache();
