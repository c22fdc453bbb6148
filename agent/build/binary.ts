import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The processors of nodes, as Go and container images name them. */
export const ARCHITECTURES = ['amd64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** Where the sources are. */
const AGENT = join(import.meta.dirname, '..');
const GO_HOW = 'apt-get install golang, or https://go.dev/dl';

/** How a machine without Go gets it; null where it has Go. */
export const goMissing = async (): Promise<string | null> => {
  try {
    await run('go', ['version'], { timeout: 60_000 });
    return null;
  } catch {
    return GO_HOW;
  }
};

export interface Built {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Builds the static binary. The same sources give the same bytes, wherever they are and whenever they are built: they
 * have neither a path nor an id of the build in them. @param sources a copy of the sources, to compare builds
 */
export const buildAgent = async (arch: Architecture, path: string, sources = AGENT): Promise<Built> => {
  const { version } = JSON.parse(await readFile(join(AGENT, '..', 'package.json'), 'utf8')) as { version: string };
  await mkdir(dirname(path), { recursive: true });
  const making = await mkdtemp(`${path}-`);
  try {
    const made = join(making, 'onmemos-agent');
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w -buildid= -X main.version=${version}`];
    const env = { ...process.env, CGO_ENABLED: '0', GOOS: 'linux', GOARCH: arch, GOFLAGS: '-mod=readonly' };
    await run('go', ['build', ...flags, '-o', made, '.'], { cwd: sources, env, maxBuffer: 16 * 1024 * 1024 });
    await chmod(made, 0o755);
    const bytes = await readFile(made);
    await rename(made, path);
    return { path, bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
  } finally {
    await rm(making, { recursive: true, force: true });
  }
};
