import { once } from 'node:events';
import { createServer } from 'node:net';
import { readNote } from './discovery.ts';

interface Address {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/**
 * Checks that a server can listen here, before anything is created. A port of another server of the same data folder
 * counts as free: an embedded server hands it over, and any other one is reported with the folder.
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
    // The claim of the folder follows, and its error says more than this one.
  } finally {
    server.close();
  }
};
