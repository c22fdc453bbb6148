import { storageCommands } from '../storage-commands.ts';

export const define = storageCommands('buckets', 'bucket');
