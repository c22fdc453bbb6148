import type { Command } from 'commander';
import { define as get } from './config/get.ts';
import { define as ls } from './config/ls.ts';
import { define as rm } from './config/rm.ts';
import { define as set } from './config/set.ts';
import { define as use } from './config/use.ts';

export const define = (command: Command): void => {
  for (const one of [ls, get, set, use, rm]) one(command);
};
