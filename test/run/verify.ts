/** Format, lint, types and architecture, beside each other. Prints what each took, and the output of what failed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { costText, stopwatch } from './cpu.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MODULES = join(ROOT, 'node_modules');
const BUILD_INFO = join(MODULES, '.cache', 'onmemos-types.tsbuildinfo');

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  'format and lint': [join(MODULES, '@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.'],
  types: [join(MODULES, 'typescript', 'bin', 'tsc'), '--incremental', '--tsBuildInfoFile', BUILD_INFO],
  architecture: [join(MODULES, 'vitest', 'vitest.mjs'), 'run', '--project', 'architecture'],
};

const check = async ([name, command]: [string, readonly string[]]): Promise<boolean> => {
  const read = stopwatch();
  const child = spawn(process.execPath, [...command], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(15)}  ${read().seconds.toFixed(1)} s`);
  if (code !== 0) console.log(out + err);
  return code === 0;
};

const read = stopwatch();
const results = await Promise.all(Object.entries(CHECKS).map(check));
console.log(`verify: ${costText(read())}`);
process.exitCode = results.every(Boolean) ? 0 : 1;
