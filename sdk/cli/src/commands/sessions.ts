import type { Command } from 'commander';
import { define as create } from './sessions/create.ts';
import { define as get } from './sessions/get.ts';
import { define as ls } from './sessions/ls.ts';
import { define as rm } from './sessions/rm.ts';
import { define as set } from './sessions/set.ts';

export const define = (command: Command): void => {
  for (const one of [ls, get, create, set, rm]) one(command);
};
