import type { Command } from 'commander';
import { define as create } from './webhooks/create.ts';
import { define as get } from './webhooks/get.ts';
import { define as ls } from './webhooks/ls.ts';
import { define as rm } from './webhooks/rm.ts';
import { define as rotate } from './webhooks/rotate.ts';
import { define as test } from './webhooks/test.ts';

export const define = (command: Command): void => {
  for (const one of [ls, create, get, test, rotate, rm]) one(command);
};
