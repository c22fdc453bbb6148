/**
 * Checks format, lint, types, architecture and unused code in parallel. Prints the duration of each check, and the
 * output of failed ones.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { costText, stopwatch } from './cpu.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MODULES = join(ROOT, 'node_modules');
const BUILD_INFO = join(MODULES, '.cache', 'onmemos-types.tsbuildinfo');

interface Check {
  readonly name: string;
  readonly command: readonly string[];
  /** What to do if the check fails, unless its output says so. */
  readonly advice?: string;
}

const CHECKS: readonly Check[] = [
  {
    name: 'format and lint',
    command: [join(MODULES, '@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.'],
    advice: '`npx biome check --write` formats, and mends what it can.',
  },
  {
    name: 'types',
    command: [join(MODULES, 'typescript', 'bin', 'tsc'), '--incremental', '--tsBuildInfoFile', BUILD_INFO],
  },
  { name: 'architecture', command: [join(MODULES, 'vitest', 'vitest.mjs'), 'run', '--project', 'architecture'] },
  {
    name: 'unused',
    command: [join(MODULES, 'knip', 'bin', 'knip.js'), '--no-progress', '--treat-config-hints-as-errors'],
    advice:
      'An unused export: remove the word `export` where its own file uses it, else delete it. An unused file: delete it, or ' +
      'name it in knip.jsonc if it is a program that is started by its path. An unused dependency: uninstall it, then `npm run lock`.',
  },
];

const run = async ({ name, command, advice }: Check): Promise<boolean> => {
  const read = stopwatch();
  const child = spawn(process.execPath, [...command], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(15)}  ${read().seconds.toFixed(1)} s`);
  if (code !== 0) console.log([out + err, ...(advice === undefined ? [] : [advice, ''])].join('\n'));
  return code === 0;
};

const read = stopwatch();
const results = await Promise.all(CHECKS.map(run));
console.log(`verify: ${costText(read())}`);
process.exitCode = results.every(Boolean) ? 0 : 1;
