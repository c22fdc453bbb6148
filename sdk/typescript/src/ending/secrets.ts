import { ConnectionFailed, NotFound, OnMemOSError, SecretLost, ServerAway } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import { withHiddenSecret } from '../shown.ts';
import { path } from '../transport/path.ts';
import type { Request, Transport } from '../transport/transport.ts';
import { undoable } from './undone.ts';

/** How many are made at most, one after another, where the answer with the secret is lost each time. */
const MOST_MADE = 6;
/** Answers that do not say whether an earlier attempt has made it. */
const UNCLEAR_STATUS = new Set([401, 429]);

interface WithSecret {
  readonly secret?: string | null | undefined;
}

/** A kind of thing with a secret, which only the answer to its create has. */
export interface Secret<T> {
  readonly noun: string;
  readonly route: 'keys' | 'webhooks';
  /** What was done to one that is removed. */
  readonly removed: string;
  readonly idOf: (made: T) => string;
}

/**
 * Creates something with a secret: its caller gets it with the secret, or nothing of it stays. If the answer with the
 * secret is lost, the repeated call can't have it, so what it names is removed, and another is made. Under a key of the
 * caller's own each call would have the same answer, so there it is neither repaired nor removed.
 * @throws SecretLost
 */
export const createWithSecret = async <T extends WithSecret>(
  transport: Transport,
  secret: Secret<T>,
  body: unknown,
  options: CallOptions,
): Promise<T> => {
  const request = { method: 'POST', path: `/v1/${secret.route}`, body } as const;
  if (options.idempotencyKey !== undefined) return withHiddenSecret(await transport.json<T>(request, options));
  for (let left = MOST_MADE; left > 0; left--) {
    const made = await madeOnce(transport, secret, request, options);
    if (made.secret) return withHiddenSecret(made);
  }
  throw alwaysLost(secret);
};

/** Creates one. One whose secret was lost is removed. */
const madeOnce = <T extends WithSecret>(
  transport: Transport,
  secret: Secret<T>,
  request: Request,
  options: CallOptions,
): Promise<T> => {
  const idempotencyKey = crypto.randomUUID();
  let mayBeThere = false;
  const unanswered = (): void => {
    mayBeThere = true;
  };
  const make = async (): Promise<T> => {
    const made = await transport.json<T>({ ...request, unanswered }, { ...options, idempotencyKey });
    if (!made.secret) await remove(transport, secret, made, options);
    return made;
  };
  const undo = async (): Promise<void> => {
    const brief = transport.brief();
    await remove(brief, secret, await brief.json<T>(request, { idempotencyKey }));
  };
  const unknownAfter = (error: unknown): boolean => mayBeThere && !(error instanceof SecretLost);
  return undoable(options, { make, undo, unknownAfter, notUndone: (error, why) => told(secret, error, why) });
};

/** @throws SecretLost if it is left; the reason of an aborted signal */
const remove = async <T>(transport: Transport, secret: Secret<T>, made: T, options: CallOptions = {}) => {
  const id = secret.idOf(made);
  try {
    await transport.json({ method: 'DELETE', path: path`/v1/${secret.route}/${id}` }, options);
  } catch (error) {
    if (error instanceof NotFound) return;
    if (!(error instanceof OnMemOSError)) throw error;
    throw leftBehind(secret, id, error);
  }
};

const leftBehind = <T>({ noun, route, removed }: Secret<T>, id: string, error: OnMemOSError): SecretLost => {
  const why = error.message.replace(/\.$/, '');
  const message =
    `The answer with the secret of ${noun} ${id} was lost, and the ${noun} could not be ${removed}: ${why}. ` +
    `\`onmemos ${route} rm ${id}\` removes it.`;
  return new SecretLost(message, id, error);
};

const alwaysLost = <T>({ noun, removed }: Secret<T>): SecretLost =>
  new SecretLost(
    `${MOST_MADE} times a ${noun} was made and the answer with its secret was lost. Each is ${removed}. ` +
      'Look at what is between this program and the server, such as a proxy.',
    null,
  );

/** What the caller is told where it is not known whether one is left. */
const told = <T>({ noun, route }: Secret<T>, error: unknown, why: unknown): unknown => {
  if (why instanceof SecretLost) return why;
  if (why instanceof OnMemOSError && isRefusal(why)) return error;
  const next =
    `If the ${noun} was made, its secret is lost: \`onmemos ${route} ls\` lists it, ` +
    `and \`onmemos ${route} rm ID\` removes it.`;
  if (error instanceof ServerAway) return new ServerAway(error.url, error.cause, error.seconds, next);
  if (error instanceof ConnectionFailed) return new ConnectionFailed(error.url, error.cause, error.message, next);
  if (!(error instanceof OnMemOSError)) return error;
  const Class = error.constructor as typeof OnMemOSError;
  return new Class({ ...error, message: `${error.message} ${next}`, cause: error.cause });
};

/** Whether this says that nothing was made, now or by an earlier attempt. */
const isRefusal = ({ status }: OnMemOSError): boolean => status !== null && status < 500 && !UNCLEAR_STATUS.has(status);
