import { spawnSync } from 'node:child_process';

const root = process.getuid?.() === 0;

/** A user without rights. */
export const NOBODY = 65_534;

/** Before a program: runs it as a user without rights. Empty where that is not possible here. */
export const AS_NOBODY: readonly string[] = root
  ? ['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', '--']
  : [];

/**
 * Why an ordinary user can make no sandbox here, as a sentence; null if one can. It asks the machine and not the
 * product: where the machine allows it and the product fails, the tests fail.
 */
export const userLevelLack = (): string | null => {
  const [program = '', ...args] = [...AS_NOBODY, 'unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork'];
  const { status, error, stderr } = spawnSync(program, [...args, 'true'], { cwd: '/', encoding: 'utf8' });
  if (status === 0) return null;
  return `An ordinary user can make no namespaces here: ${(error?.message ?? stderr).trim()}`;
};
