import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { takeLock } from '#drivers/store/sqlite/lock.ts';
import { readNote } from '../../functions/standalone/discovery.ts';

/** Something is in the way of a start. The message is a sentence for a person. */
export class InTheWay extends Error {
  override readonly name = 'InTheWay';
}

/**
 * The right to a data folder, as a standalone server takes it: the keeper in there serves one deployment, and another
 * one would end its sessions. It ends with this process. @throws InTheWay
 */
export const claimFolder = async (dataDir: string): Promise<void> => {
  const store = join(dataDir, 'store.db');
  if (existsSync(store))
    throw new InTheWay(`${dataDir} has the data of a standalone server. Set ONMEMOS_DATA_DIR to another folder.`);
  try {
    takeLock(store);
  } catch (error) {
    if ((error as Error).name !== 'StoreLocked') throw error;
    const note = await readNote(dataDir);
    const by = note === null ? 'another server' : `the server at ${note.url} (process ${note.pid})`;
    throw new InTheWay(`${dataDir} is in use by ${by}. End it first, or set ONMEMOS_DATA_DIR to another folder.`);
  }
};

/** Finds out before anything is started whether the API could listen. @throws InTheWay */
export const claimPort = async (port: number): Promise<void> => {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(port, '127.0.0.1');
  try {
    await listening;
  } catch {
    throw new InTheWay(`Port ${port} is in use by another program. Set ONMEMOS_PORT to another port.`);
  }
  server.close();
  await once(server, 'close');
};
