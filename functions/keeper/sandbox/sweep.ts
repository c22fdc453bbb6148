import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#ports/clock.ts';
import { removeFolder } from './disk/folders.ts';
import { killMarked } from './process/marked.ts';

/** Marks the control groups and processes of all sandboxes in a folder. */
export const markOf = (dir: string): string => createHash('sha256').update(dir).digest('hex').slice(0, 12);

/**
 * Ends and removes every sandbox of a folder except those in `keep`; `sweepGroups` does it for their control groups.
 * Names that start with a dot are the keeper's own.
 */
export const sweepSandboxes = async (
  dir: string,
  sweepGroups: () => Promise<readonly string[]>,
  clock: Clock,
  keep: ReadonlySet<string>,
): Promise<{ readonly removed: number }> => {
  const killed = await sweepGroups();
  const stale = readdirSync(dir).filter((name) => !keep.has(name) && !name.startsWith('.'));
  for (const name of stale) {
    await killMarked(`${markOf(dir)}-${name}`, () => clock.sleep(10));
    await removeFolder(join(dir, name));
  }
  return { removed: new Set([...killed, ...stale]).size };
};
