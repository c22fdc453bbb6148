import { spawnSync } from 'node:child_process';

const root = process.getuid?.() === 0;

/** The id of an unprivileged user. */
export const NOBODY = 65_534;

/** Words to put before a program so that an unprivileged user runs it. Empty if that is not possible here. */
export const AS_NOBODY: readonly string[] = root
  ? ['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', '--']
  : [];

/**
 * A sentence that says why an ordinary user can't create a sandbox here; null if that is possible. This asks the
 * machine and not the product, so that the tests fail if the machine allows it and the product does not.
 */
export const userLevelLack = (): string | null => {
  const [program = '', ...args] = [...AS_NOBODY, 'unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork'];
  const { status, error, stderr } = spawnSync(program, [...args, 'true'], { cwd: '/', encoding: 'utf8' });
  if (status === 0) return null;
  return `An ordinary user can make no namespaces here: ${(error?.message ?? stderr).trim()}`;
};
