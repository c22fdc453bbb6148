import type { Command } from 'commander';
import { define as create } from './keys/create.ts';
import { define as ls } from './keys/ls.ts';
import { define as rm } from './keys/rm.ts';

export const define = (command: Command): void => {
  for (const one of [ls, create, rm]) one(command);
};
