import { readdirSync, readFileSync } from 'node:fs';
import type { Api, Json } from './api.ts';
import type { Traits } from './sdk-verbs.ts';

/** What a client said that it leaves on purpose. */
export interface Held {
  readonly kind: string;
  readonly id: string;
}

/** Something at the server that carries the mark of a point. */
export interface Remain {
  readonly kind: 'session' | 'exec' | 'workspace' | 'key' | 'process';
  readonly id: string;
  readonly session?: string;
}

const live = (session: Json): boolean => session['status'] === 'running' || session['status'] === 'creating';
const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Processes of this machine whose command line names the mark. */
const processesOf = (mark: string): readonly number[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    return new RegExp(`${mark}\\b`).test(text(`/proc/${name}/cmdline`)) ? [Number(name)] : [];
  });

/** What is left by a point: commands of the session that all use, and what lives under its mark. */
export const remainsOf = async (
  api: Api,
  session: string,
  mark: string,
  traits: Traits,
): Promise<readonly Remain[]> => {
  // One point after another: all that runs in the session is this one's.
  const execs = (await api.items(`/v1/sessions/${session}/execs`)).filter(({ status }) => status === 'running');
  const sessions =
    traits.makes === 'session' ? (await api.items(`/v1/sessions?label=mark%3D${mark}`)).filter(live) : [];
  const workspaces =
    traits.holds === 'workspace'
      ? (await api.items('/v1/workspaces/fuzz')).filter(({ workspace_id }) => workspace_id === mark)
      : [];
  const keys =
    traits.holds === 'key'
      ? (await api.items('/v1/keys')).filter(({ name, revoked_at }) => name === mark && revoked_at === null)
      : [];
  return [
    ...sessions.map(({ id }): Remain => ({ kind: 'session', id: String(id) })),
    ...execs.map(({ exec_id }): Remain => ({ kind: 'exec', id: String(exec_id), session })),
    ...workspaces.map((): Remain => ({ kind: 'workspace', id: mark })),
    ...keys.map(({ key_id }): Remain => ({ kind: 'key', id: String(key_id) })),
    ...processesOf(mark).map((pid): Remain => ({ kind: 'process', id: String(pid) })),
  ];
};

/** Ends what is left, so that it is not counted again. */
export const clearAway = async (api: Api, remains: readonly Remain[]): Promise<void> => {
  for (const { kind, id, session } of remains) {
    if (kind === 'session') await api.call('POST', `/v1/sessions/${id}/force-delete`);
    if (kind === 'exec') await api.call('DELETE', `/v1/sessions/${session}/execs/${id}`);
    if (kind === 'workspace') await api.call('DELETE', `/v1/workspaces/fuzz/${id}?force=true`);
    if (kind === 'key') await api.call('DELETE', `/v1/keys/${id}`);
  }
};
