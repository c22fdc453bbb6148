import { type Api, type Json, ok } from '../../acceptance/support/api.ts';
import type { Exec, Executed, Key, Session, Workspace } from '../../acceptance/support/shapes.ts';
import type { Outcome } from './outcome.ts';
import { COMMANDS, type Lane, laneWorkspace, type Step } from './script.ts';

/** What the server itself says after a script, in sentences; all of it empty where every promise held. */
export interface Findings {
  /** Things that one call made twice. */
  readonly doubles: readonly string[];
  /** Things that an answer promised and that are not as it said. */
  readonly lost: readonly string[];
  /** Things that live and that no answer told of. */
  readonly unknown: readonly string[];
  /** Commands that ran another number of times than once. */
  readonly notOnce: readonly string[];
}

interface Script {
  readonly lanes: readonly Lane[];
  readonly outcomes: ReadonlyMap<number, Outcome>;
  readonly prefix: string;
  readonly user: string;
}

interface Entry {
  readonly name: string;
  readonly id: string;
  readonly alive: boolean;
}

type Made = 'session' | 'key' | 'workspace';
const ENDS: Readonly<Record<string, Made>> = {
  'session.delete': 'session',
  'key.revoke': 'key',
  'workspace.delete': 'workspace',
};
const MAKES: Readonly<Record<string, Made>> = {
  'session.create': 'session',
  'key.create': 'key',
  'workspace.create': 'workspace',
};

const nameOf = (step: Step): string => {
  if ('key' in step) return step.key;
  if (step.op.startsWith('workspace') && 'workspace' in step) return step.workspace;
  return 'session' in step ? step.session : '';
};

/** Asks the server itself, without the proxy, for all that the script made. */
export const verify = async (api: Api, script: Script): Promise<Findings> => {
  const { prefix, user } = script;
  const sessions = ok(await api.get<(Session & { labels: Record<string, string> })[]>(`/v1/sessions?user=${user}`));
  const keys = ok(await api.get<{ items: Key[] }>('/v1/keys?limit=1000')).items;
  const workspaces = ok(await api.get<Workspace[]>(`/v1/workspaces/${user}`));
  const own = ({ name }: Entry): boolean => name.startsWith(`${prefix}-`);
  const live = ['creating', 'running', 'terminating'];
  const entries: Readonly<Record<Made, readonly Entry[]>> = {
    session: sessions.map(({ id, labels, status }) => ({
      name: labels['call'] ?? id,
      id,
      alive: live.includes(status),
    })),
    key: keys
      .map(({ key_id, name, revoked_at }) => ({ name, id: key_id, alive: revoked_at === null }))
      .filter((entry) => own(entry)),
    workspace: workspaces.map(({ workspace_id }) => ({ name: workspace_id, id: workspace_id, alive: true })),
  };
  const findings = { doubles: [] as string[], lost: [] as string[], unknown: [] as string[], notOnce: [] as string[] };
  for (const kind of ['session', 'key', 'workspace'] as const) compare(kind, entries[kind], script, findings);
  for (const [lane] of script.lanes.entries()) {
    const made = entries.workspace.some(({ name }) => name === laneWorkspace(prefix, lane));
    countCommands(script, lane, made ? await linesOf(api, script, lane) : [], findings.notOnce);
  }
  await countRecords(api, sessions, findings.notOnce);
  return findings;
};

type Open = { [Name in keyof Findings]: string[] };

const compare = (kind: Made, entries: readonly Entry[], { lanes, outcomes }: Script, findings: Open): void => {
  const steps = lanes.flat();
  const told = new Map<string, { id: string | undefined; ended: boolean | 'unsure' }>();
  // What a call that failed has done nobody was told, and its caller knows that.
  const unsure = new Set<string>();
  for (const step of steps) {
    const outcome = outcomes.get(step.n);
    const [name, succeeded] = [nameOf(step), outcome?.ok === true];
    if (MAKES[step.op] === kind && succeeded) told.set(name, { id: outcome?.id, ended: false });
    if (MAKES[step.op] === kind && !succeeded) unsure.add(name);
    const before = told.get(name);
    if (ENDS[step.op] === kind && before) told.set(name, { ...before, ended: succeeded || 'unsure' });
  }
  for (const [name, { id, ended }] of told) {
    const found = entries.filter((entry) => entry.name === name);
    const alive = found.filter((each) => each.alive);
    if (ended === true && alive.length > 0) findings.lost.push(`${kind} ${name} was ended and lives`);
    if (ended === false && alive.length === 0) findings.lost.push(`${kind} ${name} was made and is not there`);
    if (id !== undefined && found.length > 0 && !found.some((each) => each.id === id))
      findings.lost.push(`${kind} ${name} was answered as ${id} and is ${found.map((each) => each.id).join(', ')}`);
  }
  for (const [name, found] of Map.groupBy(entries, (entry) => entry.name)) {
    // A key whose secret was lost on its way is revoked, and another one made.
    const doubles = kind === 'key' ? found.filter(({ alive }) => alive) : found;
    if (doubles.length > 1) findings.doubles.push(`${kind} ${name}: ${doubles.map(({ id }) => id).join(', ')}`);
  }
  for (const { name, id, alive } of entries) {
    if (alive && !told.has(name) && !unsure.has(name))
      findings.unknown.push(`${kind} ${id} (${name}) lives and nobody knows of it`);
  }
};

/** The lines that the commands of a lane have left on its volume. */
const linesOf = async (api: Api, { prefix, user }: Script, lane: number): Promise<string[]> => {
  const body = { user, workspace_id: laneWorkspace(prefix, lane), request_persistent_storage: true };
  const session = ok(await api.post<Session>('/v1/sessions?wait=60', body));
  const command = { command: 'touch lines; cat lines' };
  const { stdout } = ok(await api.post<Executed>(`/v1/sessions/${session.id}/execute`, command));
  ok(await api.post(`/v1/sessions/${session.id}/force-delete`));
  return stdout.split('\n').filter((line) => line !== '');
};

/** A command that was answered has left its line once, one that failed at most once. */
const countCommands = (script: Script, lane: number, lines: readonly string[], notOnce: string[]): void => {
  const commands = (script.lanes[lane] ?? []).filter(({ op }) => COMMANDS.some((command) => command === op));
  for (const { n } of commands) {
    const times = lines.filter((line) => line === String(n)).length;
    const answered = script.outcomes.get(n)?.ok === true;
    if (answered ? times !== 1 : times > 1) notOnce.push(`command ${n} ran ${times} times`);
  }
  const known = new Set(commands.map(({ n }) => String(n)));
  for (const line of lines) if (!known.has(line)) notOnce.push(`a line ${JSON.stringify(line)} that no command has`);
};

/** A command has one record in its session, ended ones included. */
const countRecords = async (api: Api, sessions: readonly Session[], notOnce: string[]): Promise<void> => {
  for (const { id } of sessions) {
    const { items } = ok(await api.get<{ items: Exec[] } & Json>(`/v1/sessions/${id}/execs?limit=1000`));
    const seen = new Set<string>();
    for (const { command } of items) {
      const text = String(command);
      if (seen.has(text)) notOnce.push(`${text} has two records in ${id}`);
      seen.add(text);
    }
  }
};
