import type { Command } from 'commander';
import { withCommon } from '../options.ts';
import { endsSessions } from './sessions/rm.ts';

export const define = (command: Command): void => endsSessions(withCommon(command));
