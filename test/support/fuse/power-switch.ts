import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** To create a folder of this name at the top of a forgetful disk takes its power away. */
export const POWER_SWITCH = '.power-failure';

/**
 * Takes the power away before it returns. Changes that were not synced are lost, and the disk refuses every request
 * until it is started again. Any process can call this at the instant that it chooses.
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
