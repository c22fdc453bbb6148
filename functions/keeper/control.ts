import type { SandboxSpec } from './sandbox/types.ts';
import { MOST_POOLED } from '#platform/pool.ts';
import { CallError } from '#platform/protocol/call-error.ts';
import type { Header } from '#platform/protocol/frames.ts';
import { optionalFlag, readDeadline, record, text, whole } from '#platform/protocol/wire.ts';
import { ExecError } from '#ports/exec.ts';
import type { SandboxHost } from './sandbox/types.ts';
import { KeeperRefusal, type Sessions } from './sessions.ts';

export interface ControlContext {
  readonly sessions: Sessions;
  readonly host: SandboxHost;
  /** Ends the keeper once the answer has left. */
  readonly stop: () => void;
  /** The keeper is shutting down: a session made now would end with it. */
  readonly ending: () => boolean;
}

type Operation = (context: ControlContext, params: Header) => unknown;

/** What the server may ask of the keeper beyond the exec contract. All of it may be asked again. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  ensure: ({ sessions }, params) =>
    sessions.ensure(readSpec(record(params, 'spec')), readDeadline(record(params, 'deadline'))),
  observe: ({ sessions }, params) => sessions.observe(text(params, 'key')),
  /** For older servers. Newer ones call the operation of the same name on the session's connection. */
  usage: ({ sessions }, params) => sessions.usage(text(params, 'key')),
  remove: ({ sessions }, params) => sessions.remove(text(params, 'key'), whole(params, 'grace_ms', 0, 600_000)),
  forget: ({ sessions }, params) => sessions.forget(text(params, 'key')),
  list: ({ sessions }) => sessions.list(),
  capabilities: ({ host }) => host.capabilities,
  pool: ({ host }, params) => host.pool(whole(params, 'size', 0, MOST_POOLED)),
  shutdown: async ({ sessions, stop }, params) => {
    if (sessions.live > 0 && !optionalFlag(params, 'end_sessions')) {
      throw new KeeperRefusal('sessions_running', `${sessions.live} sessions run`);
    }
    await sessions.endAll(whole(params, 'grace_ms', 0, 600_000));
    stop();
    return null;
  },
};

export const control = async (context: ControlContext, op: string, params: Header): Promise<unknown> => {
  if (context.ending()) throw new ExecError('unavailable', 'the keeper is ending; another one takes its place');
  const run = OPERATIONS[op];
  if (!run) throw new CallError('no_such_op', `there is no operation ${op} here`);
  return run(context, params);
};

const KEY = /^[a-z0-9-]{1,63}$/;

const readSpec = (spec: Header): SandboxSpec => {
  const key = text(spec, 'key');
  if (!KEY.test(key)) throw new ExecError('invalid', 'key must be up to 63 lower-case letters, digits or dashes');
  const network = text(spec, 'network');
  if (network !== 'default' && network !== 'none') throw new ExecError('invalid', 'network must be default or none');
  if (!Array.isArray(spec.buckets)) throw new ExecError('invalid', 'buckets must be a list');
  return {
    key,
    session_id: text(spec, 'session_id'),
    cpu_millis: whole(spec, 'cpu_millis', 1),
    memory_mb: whole(spec, 'memory_mb', 1),
    pids: whole(spec, 'pids', 1),
    disk_mb: whole(spec, 'disk_mb', 1),
    workspace_dir: spec.workspace_dir === null ? null : text(spec, 'workspace_dir'),
    buckets: spec.buckets.map((bucket: unknown) => {
      const mount = record({ bucket }, 'bucket');
      return { name: text(mount, 'name'), dir: text(mount, 'dir') };
    }),
    network,
    python: optionalFlag(spec, 'python'),
  };
};
