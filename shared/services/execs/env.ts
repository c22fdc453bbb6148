import type { Deps } from '../kernel/deps.ts';
import type { ExecDoc, SessionDoc } from '../model/docs.ts';

type Env = Readonly<Record<string, string>>;
interface Place {
  readonly workspace_owner: string;
  readonly id: string;
}

/** Env as the store may hold it: sealed to its owner and session; null where there is none. */
export const sealEnv = async (deps: Deps, at: Place, env: Env | null | undefined): Promise<string | null> => {
  if (!env || Object.keys(env).length === 0) return null;
  const plain = new TextEncoder().encode(JSON.stringify(env));
  return deps.secrets.seal(plain, { tenant: at.workspace_owner, session: at.id });
};

const openEnv = async (deps: Deps, at: Place, sealed: string | null): Promise<Env> => {
  if (sealed === null) return {};
  const plain = await deps.secrets.open(sealed, { tenant: at.workspace_owner, session: at.id });
  return JSON.parse(new TextDecoder().decode(plain)) as Env;
};

/** What a command is started with: the session's env, and the command's own over it. */
export const envFor = async (deps: Deps, session: SessionDoc, exec: Pick<ExecDoc, 'env_sealed'>): Promise<Env> => ({
  ...(await openEnv(deps, session, session.env_sealed)),
  ...(await openEnv(deps, session, exec.env_sealed)),
});
