import { randomBytes } from 'node:crypto';
import { type Api, type Json, ok } from './api.ts';
import type { Executed, Key, Session, Workspace } from './shapes.ts';

/** A name that no other test uses, also not in earlier runs against the same server. */
export const unique = (prefix: string): string => `${prefix}-${randomBytes(5).toString('hex')}`;

export interface Person {
  readonly id: string;
  readonly key: string;
  readonly api: Api;
}

/** A new user of a type, with a key for this user. */
export const person = async (admin: Api, user_type = 'enterprise', more: Json = {}): Promise<Person> => {
  const id = unique('user');
  ok(await admin.put(`/v1/users/${id}`, { user_type, ...more }));
  const { secret = '' } = ok(await admin.post<Key>('/v1/keys', { name: id, user_id: id }));
  return { id, key: secret, api: admin.as(secret) };
};

export const workspace = async (api: Api, user_id: string, more: Json = {}): Promise<string> => {
  const workspace_id = unique('ws');
  const body = { user_id, workspace_id, name: 'A workspace', resource_package: 'dev_micro', ...more };
  return ok(await api.post<Workspace>('/v1/workspaces', body)).workspace_id;
};

/** Creates a session and waits until it runs. */
export const running = async (api: Api, body: Json = {}): Promise<Session> => {
  const session = ok(
    await api.post<Session>('/v1/sessions?wait=60', { namespace: 'tests', resource_package: 'dev_micro', ...body }),
  );
  if (session.status !== 'running')
    throw new Error(`session ${session.id} is ${session.status}: ${session.status_message}`);
  return session;
};

/** Runs a command and returns its output. @throws Error if it did not succeed */
export const shell = async (
  api: Api,
  session: Pick<Session, 'id'>,
  command: string,
  more: Json = {},
): Promise<string> => {
  const result = ok(await api.post<Executed>(`/v1/sessions/${session.id}/execute`, { command, ...more }));
  if (!result.success) throw new Error(`${command}: ${result.returncode}: ${result.stderr}`);
  return result.stdout;
};

/** One user with one workspace and one running session, and a function that removes them. */
export const sandbox = async (admin: Api, session: Json = {}, user_type = 'enterprise') => {
  const owner = await person(admin, user_type);
  const workspace_id = await workspace(owner.api, owner.id);
  const made = await running(owner.api, { workspace_id, ...session });
  return {
    owner,
    api: owner.api,
    workspace_id,
    session: made,
    at: `/v1/sessions/${made.id}`,
    remove: async (): Promise<void> => {
      ok(await admin.del(`/v1/workspaces/${owner.id}/${workspace_id}?force=true`));
    },
  };
};

export type Sandbox = Awaited<ReturnType<typeof sandbox>>;
