import { execFile } from 'node:child_process';
import { readdirSync, readlinkSync, statSync } from 'node:fs';

/** MiB that these folders take on disk, each hard-linked file once; null where it can't be measured. */
export function diskUsageMb(dirs: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => {
    execFile(
      'du',
      ['-skx', '--', ...dirs],
      { cwd: '/', env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' } },
      (_error, out) => {
        // du fails if a file vanishes during the walk, but its sums are still right.
        const sizes = out.split('\n').flatMap((line) => (/^\d+\t/.test(line) ? [Number.parseInt(line, 10)] : []));
        resolve(sizes.length === dirs.length ? Math.ceil(sizes.reduce((a, b) => a + b, 0) / 1024) : null);
      },
    );
  });
}

/** MiB of deleted files that processes still hold open: they use disk but are in no folder. */
export function unlinkedMb(pids: readonly number[]): number {
  const seen = new Map<string, number>();
  for (const pid of pids) {
    for (const fd of names(`/proc/${pid}/fd`)) {
      try {
        const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
        if (!target.endsWith(' (deleted)') || /^\/(dev\/shm\/|memfd:)/.test(target)) continue;
        const stat = statSync(`/proc/${pid}/fd/${fd}`);
        if (stat.isFile()) seen.set(`${stat.dev}:${stat.ino}`, stat.blocks * 512);
      } catch {
        // Closed meanwhile.
      }
    }
  }
  return [...seen.values()].reduce((a, b) => a + b, 0) / 1024 / 1024;
}

function names(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
