import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { IsolationLevel } from '../types.ts';

/** Where one sandbox's things lie on the host. */
export interface SandboxFolders {
  readonly dir: string;
  readonly upper: string;
  readonly work: string;
  /** Mount points, used only inside the sandbox's own mount namespace. */
  readonly layer: string;
  readonly root: string;
  readonly workspace: string;
  readonly logs: string;
}

/**
 * The layer is mounted over the logs, which nothing inside the sandbox's own mount namespace ever needs. At `full` the
 * root is made in that layer, like all that is mounted there; else it is a folder on the disk.
 */
export function sandboxFolders(dir: string, level: IsolationLevel): SandboxFolders {
  const logs = join(dir, 'logs');
  return {
    dir,
    upper: join(dir, 'upper'),
    work: join(dir, 'work'),
    layer: logs,
    root: join(level === 'full' ? logs : dir, 'root'),
    workspace: join(dir, 'workspace'),
    logs,
  };
}

/**
 * As few folders as possible: on a busy file system, new inodes are most of a sandbox's cost.
 * @throws Error when the folder is there already.
 */
export function makeFolders(folders: SandboxFolders): void {
  const { dir, upper, work, root, workspace, logs } = folders;
  mkdirSync(dir, { mode: 0o700 });
  const made = [upper, work, workspace, logs, ...(dirname(root) === dir ? [root] : [])];
  for (const path of made) {
    mkdirSync(path);
    // Commands may run as other users than their root: what they see as folders must not follow our umask.
    chmodSync(path, 0o755);
  }
}

/** A sandbox may have left folders that even their owner can't enter: an ordinary user opens them first. */
export async function removeFolder(dir: string): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true });
  } catch {
    await new Promise<void>((resolve) => {
      execFile('chmod', ['-R', 'u+rwX', '--', dir], { cwd: '/' }, () => resolve());
    });
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }
}
