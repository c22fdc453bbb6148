#!/usr/bin/env node
import { existsSync, statSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { become, directLoopback, SOURCE, suitableNode } from './own-node.mjs';

const node = suitableNode(SOURCE);
if (directLoopback() || node !== process.execPath) await become(node, [...process.execArgv, ...process.argv.slice(1)]);

// The bundle has main.js beside it, the repository main.ts.
const source = existsSync(new URL('./main.ts', import.meta.url));
// A young generation that does not grow: a large one lets so many blocks of output wait in it for their end that the
// memory outside of the heap forces whole collections, which then take most of the time of a busy stream.
v8.setFlagsFromString('--semi-space-growth-factor=1');
// Each file is compiled, and its types are stripped, once and not at every start: that saves time and memory. Another
// user than the owner of these files leaves nothing among them.
const home = fileURLToPath(new URL(source ? '../../node_modules/' : './', import.meta.url));
if (statSync(home).uid === process.getuid?.()) module.enableCompileCache(`${home}.cache${source ? '/onmemos' : ''}`);
await import(source ? './main.ts' : './main.js');
// The service runs, so save the compiled code now: the process may be killed later.
module.flushCompileCache();
