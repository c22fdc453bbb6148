import type { Command } from 'commander';
import { define as create } from './workspaces/create.ts';
import { define as get } from './workspaces/get.ts';
import { define as ls } from './workspaces/ls.ts';
import { define as members } from './workspaces/members.ts';
import { define as rm } from './workspaces/rm.ts';

export const define = (command: Command): void => {
  for (const one of [ls, get, create, rm, members]) one(command);
};
