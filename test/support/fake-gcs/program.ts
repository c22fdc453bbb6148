import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const MODULE = 'github.com/fsouza/fake-gcs-server';
const VERSION = 'v1.56.1';
const NAME = 'fake-gcs-server';
const INSTALL = 'apt-get install golang, or https://go.dev/dl';

/** For rows and notes. */
export const FAKE_GCS = `${NAME} ${VERSION}`;

const cacheFolder = (): string => {
  const set = process.env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(set) ? set : join(homedir(), '.cache'), 'onmemos', 'programs');
};

/** Such as go1.26.8; null where Go is missing. */
const goVersion = async (): Promise<string | null> => {
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION'], { timeout: 60_000 });
    return stdout.trim();
  } catch {
    return null;
  }
};

const folderOf = (go: string): string => join(cacheFolder(), `${NAME}-${VERSION}-${go}-${process.arch}`);

export type FakeGcsProgram = { readonly program: string } | { readonly missing: string };

/** Builds into the user's cache, once for each version and version of Go. It takes some 120 seconds of CPU. */
const build = async (folder: string): Promise<string | null> => {
  let making: string | null = null;
  try {
    await mkdir(cacheFolder(), { recursive: true });
    making = await mkdtemp(`${folder}-`);
    const env = { ...process.env, GOBIN: making, CGO_ENABLED: '0' };
    const args = ['-n', '19', 'go', 'install', '-trimpath', '-ldflags', '-s -w', `${MODULE}@${VERSION}`];
    await run('nice', args, { env, maxBuffer: 16 * 1024 * 1024 });
    await rename(making, folder);
    return null;
  } catch (error) {
    if (making !== null) await rm(making, { recursive: true, force: true });
    // Another test may have built it meanwhile.
    return String((error as { stderr?: unknown }).stderr ?? error).trim();
  }
};

/** The program, from the cache or built into it; where neither is possible, why not. */
export const fakeGcsProgram = async (): Promise<FakeGcsProgram> => {
  const go = await goVersion();
  if (go === null) return { missing: `${FAKE_GCS} needs Go: ${INSTALL}` };
  const program = join(folderOf(go), NAME);
  const failure = existsSync(program) ? null : await build(folderOf(go));
  if (existsSync(program)) return { program };
  return { missing: `${FAKE_GCS} could not be built: ${failure?.split('\n').at(-1) ?? 'no reason given'}` };
};

/** The program where it was built before; null without building it. */
export const builtFakeGcs = async (): Promise<string | null> => {
  const go = await goVersion();
  const program = go === null ? null : join(folderOf(go), NAME);
  return program !== null && existsSync(program) ? program : null;
};

/** How a machine without it gets it. */
export const FAKE_GCS_HOW = `${INSTALL}; then the tests build ${FAKE_GCS}`;
