import type { Command } from 'commander';
import { define as estimate } from './cost/estimate.ts';
import { define as report } from './cost/report.ts';
import { define as session } from './cost/session.ts';

export const define = (command: Command): void => {
  for (const one of [estimate, session, report]) one(command);
};
