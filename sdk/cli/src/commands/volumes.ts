import { storageCommands } from '../storage-commands.ts';

export const define = storageCommands('volumes', 'volume');
