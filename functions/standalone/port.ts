import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Clock } from '#ports/clock.ts';
import { readNote } from './discovery.ts';

/** Longer than a server takes from withdrawing its note to its last connection, where nobody holds one. */
const ENDING_MS = 2_000;
const LOOK_MS = 100;

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
export const assertFree = async (address: Address, dataDir: string, clock: Clock): Promise<void> => {
  const end = clock.monotonic() + ENDING_MS;
  for (;;) {
    const taken = await taking(address);
    if (taken === null) return;
    const note = await readNote(dataDir);
    // The claim of the folder follows, and its error says more than this one.
    if (note !== null && Number(new URL(note.url).port) === address.port) return;
    // A server that is ending has withdrawn its note, and still listens for a moment.
    if (clock.monotonic() > end) throw taken;
    await clock.sleep(LOOK_MS);
  }
};

/** Why nothing can listen here, or null. */
const taking = async ({ host, port }: Address): Promise<Error | null> => {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return error as Error;
  } finally {
    server.close();
  }
};
