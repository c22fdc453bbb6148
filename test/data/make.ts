import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { liveWorld } from './live.ts';
import { pack } from './pack.ts';

/** Makes a data folder by an earlier commit's own code and keeps it beside this file. See README.md. */
const MONTH_BEGINS = Date.parse('2026-10-26T07:00:00.000Z');
const MONTH_ENDS = Date.parse('2026-11-27T09:00:00.000Z');

const run = promisify(execFile);
const { values } = parseArgs({ options: { checkout: { type: 'string' } } });
const { checkout } = values;
if (checkout === undefined) {
  console.error(
    'usage: npm run node test/data/make.ts -- --checkout FOLDER, in which a commit is checked out and installed',
  );
  process.exit(2);
}
const { stdout: changed } = await run('git', ['-C', checkout, 'status', '--porcelain', '--untracked-files=no']);
if (changed !== '') throw new Error(`${checkout} has changes: the folder is to be made by a commit as it is`);
const { stdout: commit } = await run('git', ['-C', checkout, 'rev-parse', '--short=7', 'HEAD']);

const ground = await mkdtemp(join(tmpdir(), 'onmemos-data-'));
const dataDir = join(ground, 'data');
try {
  const month = [join(import.meta.dirname, 'month.mjs'), checkout, dataDir, String(MONTH_BEGINS), String(MONTH_ENDS)];
  const { stdout, stderr } = await run(process.execPath, month);
  console.log(stdout, stderr, 'A month has passed.');
  const world = await liveWorld({ checkout, ground, dataDir, start: MONTH_ENDS + 60_000 });
  console.log('The live world stands still.');
  const kept = await pack({
    from: world.kept,
    to: join(import.meta.dirname, commit.trim()),
    world,
    commit: commit.trim(),
  });
  console.log(`${kept.folder} has ${kept.documents} documents, ${Math.round(kept.bytes / 1024)} KiB.`);
} finally {
  await rm(ground, { recursive: true, force: true });
}
