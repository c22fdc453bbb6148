import { userLevelLack } from '../../support/ordinary-user.ts';

const root = process.getuid?.() === 0;
const lack = userLevelLack();

/** The levels that this machine can have. Those that it can't are printed with the reason. */
export const LEVELS = [
  ...(root ? (['full'] as const) : []),
  ...(lack === null ? (['user'] as const) : []),
  'none' as const,
];

if (!root) process.emitWarning('isolation level full is not tested: it needs root');
if (lack !== null) process.emitWarning(`isolation level user is not tested: ${lack}`);
