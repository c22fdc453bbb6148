import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Making a folder of this name at the top of a forgetful disk takes its power away. */
export const POWER_SWITCH = '.power-failure';

/**
 * The power fails before this returns: what was not synced is lost, and the disk refuses everything until it is started
 * again. Any process can call it, at the very instant that it wants.
 */
export const failPower = (disk: string): void => {
  try {
    mkdirSync(join(disk, POWER_SWITCH));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') return;
    throw error;
  }
  throw new Error(`${disk} is no forgetful disk`);
};
