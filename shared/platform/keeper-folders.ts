import { join } from 'node:path';

/**
 * A data folder has one keeper, in slot 1. While a keeper lives that has no version of the protocol in common with
 * the server, the server's own takes the next slot.
 */
export const SLOTS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

const inSlot = (name: string, slot: number): string => (slot === 1 ? name : `${name}-${slot}`);

/** The keeper's own files: its socket, lock, log and records. */
export const keeperFolder = (dataDir: string, slot: number): string => join(dataDir, inSlot('keeper', slot));

/** What its sandboxes are made of. */
export const sandboxFolder = (dataDir: string, slot: number): string => join(dataDir, inSlot('sandboxes', slot));
