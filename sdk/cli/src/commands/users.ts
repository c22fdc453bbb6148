import type { Command } from 'commander';
import { define as get } from './users/get.ts';
import { define as limits } from './users/limits.ts';
import { define as ls } from './users/ls.ts';
import { define as rm } from './users/rm.ts';
import { define as set } from './users/set.ts';

export const define = (command: Command): void => {
  for (const one of [ls, get, limits, set, rm]) one(command);
};
