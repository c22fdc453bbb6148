import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxFolders } from './full-plan.ts';

export function sandboxFolders(dir: string): SandboxFolders {
  return {
    dir,
    upper: join(dir, 'upper'),
    work: join(dir, 'work'),
    layer: join(dir, 'layer'),
    root: join(dir, 'root'),
    workspace: join(dir, 'workspace'),
    logs: join(dir, 'logs'),
  };
}

/** @throws Error when the folder is there already. */
export function makeFolders(folders: SandboxFolders): void {
  mkdirSync(folders.dir, { mode: 0o700 });
  for (const path of [folders.upper, folders.work, folders.layer, folders.root, folders.workspace, folders.logs]) {
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
