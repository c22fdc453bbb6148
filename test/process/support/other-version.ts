/**
 * Loaded by `--import` with `?oldest=…&newest=…`: this process, and the keeper that it starts, speak these versions of
 * the protocol. All else of them is the product as it is.
 */
import childProcess from 'node:child_process';
import { registerHooks, syncBuiltinESMExports } from 'node:module';

const range = new URL(import.meta.url).searchParams;

/** What `commonVersion` compares, as another build would have it. */
const changed = (source: string): string =>
  source
    .replace(/OLDEST_VERSION = \d+/, `OLDEST_VERSION = ${range.get('oldest')}`)
    .replace(/NEWEST_VERSION = \d+/, `NEWEST_VERSION = ${range.get('newest')}`);

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (!url.endsWith('/protocol/versions.ts') || loaded.source === undefined || loaded.source === null) return loaded;
    const text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: changed(text) };
  },
});

const { spawn } = childProcess;
const isKeeper = (args: readonly string[]): boolean => args.includes('--data-dir');
childProcess.spawn = ((program: string, args: readonly string[], options: childProcess.SpawnOptions) =>
  spawn(program, isKeeper(args) ? ['--import', import.meta.url, ...args] : args, options)) as typeof spawn;
syncBuiltinESMExports();
