import type { Command } from 'commander';
import { withCommon } from '../options.ts';
import { listsSessions } from './sessions/ls.ts';

export const define = (command: Command): void => listsSessions(withCommon(command));
