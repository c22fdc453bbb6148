import { OnMemOSClient, OnMemOSError, type Session } from '../../../sdk/typescript/src/index.ts';
import type { Outcome, OutcomeError } from './outcome.ts';
import type { Lane, Step } from './script.ts';

export interface Caller {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly maxRetries: number;
  readonly user: string;
  /** Instead of the platform's. */
  readonly fetch?: typeof fetch;
}

type Made = Omit<Outcome, 'n' | 'ok' | 'error'>;

/** What a call answers of what was asked for; the id of what it made. */
interface Lived {
  readonly client: OnMemOSClient;
  readonly user: string;
  readonly sessions: Map<string, Session>;
  readonly keys: Map<string, string>;
}

/** Makes the calls of a script through the TypeScript SDK, its lanes side by side. */
export const runLanes = async (caller: Caller, lanes: readonly Lane[]): Promise<Outcome[]> => {
  const { user, ...options } = caller;
  const client = new OnMemOSClient(options);
  const outcomes = await Promise.all(
    lanes.map(async (lane) => {
      const lived: Lived = { client, user, sessions: new Map(), keys: new Map() };
      const list: Outcome[] = [];
      for (const step of lane) list.push(await outcomeOf(lived, step));
      return list;
    }),
  );
  return outcomes.flat();
};

const outcomeOf = async (lived: Lived, step: Step): Promise<Outcome> => {
  try {
    return { n: step.n, ok: true, ...(await call(lived, step)) };
  } catch (error) {
    return { n: step.n, ok: false, ...(error instanceof NotMade ? {} : { error: errorOf(error) }) };
  }
};

const errorOf = (error: unknown): OutcomeError => {
  const own = error instanceof OnMemOSError;
  return {
    type: (error as Error).name,
    own,
    code: own ? error.code : null,
    message: String((error as Error).message),
    hint: own ? error.hint : '',
  };
};

/** What a call is about was not made, so that the call is not made either. */
class NotMade extends Error {}

const known = <T>(map: ReadonlyMap<string, T>, name: string): T => {
  const found = map.get(name);
  if (found === undefined) throw new NotMade(name);
  return found;
};

const call = async (lived: Lived, step: Step): Promise<Made> => {
  const { client, user, sessions, keys } = lived;
  switch (step.op) {
    case 'workspace.create': {
      const { workspace_id } = await client.workspaces.create({
        user_id: user,
        workspace_id: step.workspace,
        name: step.workspace,
        resource_package: 'dev_micro',
      });
      return { id: workspace_id };
    }
    case 'workspace.get':
      return { said: (await client.workspaces.get(user, step.workspace)).workspace_id };
    case 'workspace.delete':
      await client.workspaces.delete(user, step.workspace, { force: true });
      return {};
    case 'workspace.list':
      return { said: String((await client.workspaces.list(user).all()).length) };
    case 'package.list':
      return { said: String((await client.packages.list().all()).length) };
    case 'key.list':
      return { said: String((await client.keys.list().all()).length) };
    case 'session.list':
      return { said: String((await client.sessions.list({ user }).all()).length) };
    case 'session.estimate':
      return { said: (await client.sessions.estimate({ user, resource_package: 'dev_small' })).currency };
    case 'session.create': {
      const made = await client.sessions.create({
        user,
        workspace_id: step.workspace,
        labels: { call: step.session },
        request_persistent_storage: true,
        ttl_minutes: 30,
      });
      sessions.set(step.session, made);
      return { id: made.id, said: made.status };
    }
    case 'key.create': {
      const made = await client.keys.create({ name: step.key, user_id: user });
      keys.set(step.key, made.key_id);
      return { id: made.key_id, ...(made.secret === undefined ? {} : { said: 'secret' }) };
    }
    case 'key.revoke':
      return { said: String((await client.keys.revoke(known(keys, step.key))).revoked_at !== null) };
    default:
      return callSession(client, known(sessions, step.session), step);
  }
};

const callSession = async (
  client: OnMemOSClient,
  session: Session,
  step: Extract<Step, { readonly op: `session.${string}`; readonly session: string }>,
): Promise<Made> => {
  const command = `echo ${step.n} | tee -a lines`;
  switch (step.op) {
    case 'session.get':
      return { said: (await client.sessions.get(session.id)).status };
    case 'session.usage':
      return { said: String((await session.usage()).processes) };
    case 'session.cost':
      return { said: (await session.cost()).session_id };
    case 'session.update': {
      const labels = { call: step.session, patched: String(step.n) };
      return { said: (await client.sessions.update(session.id, { labels })).labels['patched'] ?? '' };
    }
    case 'session.execute': {
      const { exec_id, stdout } = await client.execs.execute(session.id, { command });
      return { id: exec_id, said: stdout };
    }
    case 'session.run': {
      const { exec_id, stdout } = await session.run(command);
      return { id: exec_id, said: stdout };
    }
    case 'session.stream': {
      const started = await session.start(command);
      let said = '';
      for await (const { data } of started) said += Buffer.from(data).toString();
      return { id: started.exec_id, said };
    }
    case 'session.feed': {
      const { exec_id, stdout } = await session.run(`tee -a lines # ${step.n}`, { input: `${step.n}\n` });
      return { id: exec_id, said: stdout };
    }
    case 'session.delete':
      return { said: (await session.delete({ wait: 60 })).status };
    default:
      throw new Error(`no such step: ${step.op}`);
  }
};
