import { once } from 'node:events';
import { createServer } from 'node:net';
import { readNote } from './discovery.ts';

export interface Address {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/**
 * Makes sure that a server can listen here, before anything is made for it. The port of an embedded server of the same
 * folder counts as free, because that server is about to hand over.
 * @throws Node's error of listen, such as EADDRINUSE
 */
export const assertFree = async ({ host, port }: Address, dataDir: string): Promise<void> => {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const note = await readNote(dataDir);
    if (note === null || Number(new URL(note.url).port) !== port) throw error;
    // What serves there has this folder: to claim it tells more than the port does.
  } finally {
    server.close();
  }
};
