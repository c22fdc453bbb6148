import { resolve } from 'node:path';
import { BadFolder, backUp, restore } from '#wiring/backup.ts';
import { BadSettings, readSettings } from '#wiring/settings.ts';
import { dataCommand, startCommand } from './command.ts';

const USAGE = `${dataCommand('backup')} <folder>   copies the data folder into a new folder, while the server runs
${dataCommand('restore')} <folder>  makes the data folder out of such a copy; it must be new or empty
The data folder is ONMEMOS_DATA_DIR, or the user's own.`;

const [command, folder] = process.argv.slice(2);
try {
  const dataDir = readSettings(process.env).ONMEMOS_DATA_DIR;
  if ((command !== 'backup' && command !== 'restore') || !folder) {
    console.error(USAGE);
    process.exitCode = 2;
  } else if (command === 'backup') {
    await backUp(dataDir, resolve(folder));
    console.log(`${dataDir} is copied to ${resolve(folder)}.`);
  } else {
    await restore(resolve(folder), dataDir);
    console.log(`${dataDir} is as it was in ${resolve(folder)}. ${startCommand()} serves it.`);
  }
} catch (error) {
  const said = error instanceof BadFolder || error instanceof BadSettings || (error as Error).name === 'StoreTooNew';
  console.error(said ? (error as Error).message : error);
  process.exitCode = 1;
}
