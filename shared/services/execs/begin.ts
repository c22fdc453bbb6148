import { invalidField, Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { AlreadyExists } from '#ports/store.ts';
import type { ExecChannel, ExecState, WhenFull } from '#ports/exec.ts';
import { ExecError, type ExecErrorCode } from '#ports/exec.ts';
import { ComputeTimeout } from '#ports/compute.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { idempotencyId, remember, replayed } from '../kernel/idempotency.ts';
import { execKey, execs } from '../model/collections.ts';
import type { ExecDoc, SessionDoc } from '../model/docs.ts';
import { envFor, sealEnv } from './env.ts';
import { recordState } from './record.ts';
import { channelTo, type Patience, runningSessionIn, whenRunning } from './running.ts';

export interface ExecRequest {
  readonly exec_id?: string | undefined;
  readonly command?: string | undefined;
  readonly shell?: 'sh' | 'bash' | null | undefined;
  readonly argv?: readonly string[] | undefined;
  readonly cwd?: string | null | undefined;
  readonly env?: Readonly<Record<string, string>> | null | undefined;
  readonly timeout_ms: number | null;
  readonly tty?: { readonly cols: number; readonly rows: number } | null | undefined;
  readonly merge?: boolean | undefined;
  readonly stdin?: boolean | undefined;
  readonly log_limit_mb?: number | undefined;
  readonly when_full?: WhenFull | undefined;
}

export interface BegunExec {
  readonly session: SessionDoc;
  readonly doc: ExecDoc;
  readonly channel: ExecChannel;
  readonly state: ExecState;
}

const DEFAULT_LOG_LIMIT_MB = 64;

/** Under an idempotency key the id comes from the key, so that a repeat on any instance meets the same exec. */
const execIdFor = (deps: Deps, call: Call, request: ExecRequest): string => {
  const fromKey = idempotencyId(call);
  return request.exec_id ?? (fromKey ? `exe-${fromKey.slice(0, 26)}` : deps.ids.next('exe'));
};

/** The earlier exec of this id, if it is the one that is asked for. @throws Problem conflict */
const sameCommand = (earlier: ExecDoc, wanted: ExecDoc): ExecDoc => {
  const commandOf = ({ command, shell, argv }: ExecDoc): string => JSON.stringify([command, shell ?? 'sh', argv]);
  if (commandOf(earlier) === commandOf(wanted)) return earlier;
  throw new Problem('conflict', `Exec ${earlier.exec_id} is another command. Choose another exec_id.`, {
    extra: { exec_id: earlier.exec_id },
  });
};

/** The record of a command as it begins. */
const newExec = async (deps: Deps, session: SessionDoc, exec_id: string, request: ExecRequest): Promise<ExecDoc> => ({
  exec_id,
  session_id: session.id,
  command: request.command ?? null,
  ...(request.shell === 'bash' ? { shell: request.shell } : {}),
  argv: request.argv ?? null,
  cwd: request.cwd ?? null,
  env_sealed: await sealEnv(deps, session, request.env),
  timeout_ms: request.timeout_ms,
  tty: request.tty ?? null,
  merge: request.merge ?? false,
  stdin: request.stdin ?? false,
  log_limit_mb: request.log_limit_mb ?? DEFAULT_LOG_LIMIT_MB,
  when_full: request.when_full ?? 'drop_oldest',
  status: 'running',
  exit_code: null,
  signal: null,
  signal_number: null,
  next_offset: 0,
  missing_from: null,
  stdin_offset: 0,
  started_at: iso(deps.clock.now()),
  ran_at: null,
  ended_at: null,
});

/**
 * Records a command, once. The session is read in the transaction that does: one recorded after its session's commands
 * were closed would run for ever.
 */
const recordExec = async (
  deps: Deps,
  call: Call,
  sessionId: string,
  request: ExecRequest,
): Promise<{ session: SessionDoc; doc: ExecDoc }> => {
  const exec_id = execIdFor(deps, call, request);
  try {
    return await recordOnce(deps, call, sessionId, { ...request, exec_id }, request.exec_id !== undefined);
  } catch (error) {
    // The key's own record has lived out its time, or an answer was lost: the exec is there all the same.
    if (!(error instanceof AlreadyExists)) throw error;
    return recordOnce(deps, call, sessionId, { ...request, exec_id }, true);
  }
};

const recordOnce = (
  deps: Deps,
  call: Call,
  sessionId: string,
  request: ExecRequest & { readonly exec_id: string },
  mayExist: boolean,
): Promise<{ session: SessionDoc; doc: ExecDoc }> => {
  const { exec_id } = request;
  const key = execKey(sessionId, exec_id);
  return transact(deps.store, async (draft) => {
    const session = await runningSessionIn(draft, call, sessionId, 'editor');
    const wanted = await newExec(deps, session, exec_id, request);
    const replay = await replayed(deps, draft, call);
    // An id that was created just now, or that comes from a new key, can't be in use.
    const earlier = replay || mayExist ? await draft.get(execs, key) : null;
    if (earlier) return { session, doc: sameCommand(earlier, wanted) };
    draft.create(execs, key, wanted);
    remember(deps, draft, call, 'exec', key);
    writeAudit(deps, draft, call, {
      workspace_owner: session.workspace_owner,
      workspace_id: session.workspace_id,
      session_id: session.id,
      target: exec_id,
    });
    return { session, doc: wanted };
  });
};

/** The field at fault and the exit code of a command that could not be started. An earlier keeper says neither. */
const notStartedOf = ({ shell, argv }: ExecDoc, error: ExecError): { field: string; exit_code: number } => {
  const { field = 'argv', exit_code = error.code === 'spawn_failed' ? 127 : 126 } = error.not_started ?? {};
  if (field === 'cwd') return { field, exit_code };
  // The keeper or agent was given other words than the caller gave.
  return { field: shell !== undefined ? 'shell' : argv === null ? 'command' : 'argv', exit_code };
};

/** The keeper or agent runs a line by `/bin/sh`; another shell is a program that gets the line. */
const wordsOf = ({ command, shell, argv }: ExecDoc): { command?: string; argv?: readonly string[] } => {
  if (command === null) return argv === null ? {} : { argv };
  return shell === undefined ? { command } : { argv: [shell, '-c', command] };
};

/** Hands a recorded exec to the keeper or agent; one that it has already is answered as it is. */
export const startInSession = async (
  deps: Deps,
  session: SessionDoc,
  doc: ExecDoc,
  channel: ExecChannel,
): Promise<ExecState> => {
  try {
    return await channel.start({
      exec_id: doc.exec_id,
      ...wordsOf(doc),
      ...(doc.cwd === null ? {} : { cwd: doc.cwd }),
      env: await envFor(deps, session, doc),
      timeout_ms: doc.timeout_ms,
      tty: doc.tty,
      merge: doc.merge,
      stdin: doc.stdin,
      log_limit_mb: doc.log_limit_mb,
      when_full: doc.when_full,
    });
  } catch (error) {
    if (error instanceof ExecError && NOTHING_RAN.has(error.code)) return nothingRan(deps, doc, channel, error);
    if (!(error instanceof ExecError) || (error.code !== 'spawn_failed' && error.code !== 'invalid')) throw error;
    const { field, exit_code } = notStartedOf(doc, error);
    await recordState(deps, session.id, doc, { ...notStarted(deps, doc), exit_code });
    const next = { cwd: '. Give a folder that exists in the session', shell: '. Leave it out to use sh' }[field] ?? '';
    throw invalidField(field, `${error.message}${next}`, { exit_code, exec_id: doc.exec_id });
  }
};

/** A shortage of the machine, or the session's own bound. */
const NOTHING_RAN: ReadonlySet<ExecErrorCode> = new Set(['exhausted', 'too_many']);

/**
 * What kept a command from being started is no fault of its own: its record goes, so that it is not taken for one that
 * ran, and the same call may be made again. @throws Problem
 */
const nothingRan = async (deps: Deps, doc: ExecDoc, channel: ExecChannel, cause: ExecError): Promise<ExecState> => {
  // Another call with this id may have started it since.
  const started = await channel.get(doc.exec_id);
  if (started) return started;
  await deps.store.delete(execs, execKey(doc.session_id, doc.exec_id));
  if (cause.code === 'too_many') throw new Problem('quota_exceeded', cause.message, { cause });
  const why = cause.message.replace(/\.$/, '');
  throw new Problem('unavailable', `The command was not started: ${why}. Make the same call again.`, { cause });
};

const notStarted = (deps: Deps, doc: ExecDoc): ExecState => ({
  exec_id: doc.exec_id,
  status: 'exited',
  exit_code: null,
  signal: null,
  signal_number: null,
  timed_out: false,
  next_offset: 0,
  first_offset: 0,
  missing_from: null,
  end_offset: 0,
  stdin_offset: 0,
  started_at: deps.clock.now(),
  ended_at: deps.clock.now(),
});

/** Records a command and starts it, once however often it is asked for. A session that is being created is waited for. */
export const beginExec = async (
  deps: Deps,
  call: Call,
  sessionId: string,
  request: ExecRequest,
  patience: Patience = {},
): Promise<BegunExec> => {
  const { session, doc } = await whenRunning(deps, patience, () => recordExec(deps, call, sessionId, request));
  if (doc.status === 'lost') throw lostExec(doc);
  const channel = await channelTo(deps, session);
  try {
    return { session, doc, channel, state: await startInSession(deps, session, doc, channel) };
  } catch (error) {
    // Under an id that the caller chose, a repeat meets the same exec.
    throw request.exec_id === undefined && isUnanswered(error) ? notKnownStarted(doc, error) : error;
  }
};

const isUnanswered = (error: unknown): error is Error =>
  error instanceof ComputeTimeout || (error instanceof ExecError && error.code === 'unavailable');

const notKnownStarted = ({ session_id, exec_id }: ExecDoc, cause: Error): Problem =>
  new Problem(
    cause instanceof ComputeTimeout ? 'timeout' : 'unavailable',
    `${cause.message}${/\.$/.test(cause.message) ? '' : '.'} It is not known whether exec ${exec_id} was started. Look at GET /v1/sessions/${session_id}/execs/${exec_id} before you start another, unless this call had an Idempotency-Key.`,
    { outcome: 'unknown', extra: { exec_id }, cause },
  );

export const lostExec = (doc: Pick<ExecDoc, 'exec_id'>): Problem =>
  new Problem(
    'conflict',
    `Exec ${doc.exec_id} is lost: its keeper or agent died. Start it again under a new id or Idempotency-Key.`,
    {
      extra: { exec_id: doc.exec_id },
    },
  );
