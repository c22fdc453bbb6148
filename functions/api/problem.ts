import { HTTPException } from 'hono/http-exception';
import { ZodError } from 'zod';
import { ERROR_TITLES, type FieldError, invalidField, Problem } from '#contract/errors.ts';
import { ComputeRefused, ComputeTimeout, ComputeUnavailable, SessionGone } from '#ports/compute.ts';
import { ExecError, type ExecErrorCode } from '#ports/exec.ts';
import { StorageRefused, StorageUnavailable } from '#ports/storages.ts';
import { BadCursor, DocumentTooLarge, StoreBusy, StoreFull } from '#ports/store.ts';
import type { ApiContext } from './context.ts';
import { IDEMPOTENCY_HEADER } from './request/idempotency.ts';

/** Whether the call has one effect however often it is made: all but a POST without an Idempotency-Key. */
const isRepeatable = (c: ApiContext): boolean =>
  c.req.method !== 'POST' || c.req.header(IDEMPOTENCY_HEADER) !== undefined;

/** The answer for an error. */
export const problemResponse = (c: ApiContext, problem: Problem): Response => {
  const { errors, extra, outcome, retry_after } = problem.details;
  const retryable = problem.retryable && (outcome === undefined || isRepeatable(c));
  c.set('code', problem.code);
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  const wait = retryable ? (retry_after ?? (problem.code === 'unavailable' ? 1 : undefined)) : undefined;
  if (wait !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(wait)));
  if (problem.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer';
  const body = {
    ...extra,
    type: `urn:onmemos:problem:${problem.code}`,
    title: ERROR_TITLES[problem.code],
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    request_id: c.get('request_id'),
    retryable,
    ...(errors === undefined ? {} : { errors }),
  };
  return c.newResponse(JSON.stringify(body), problem.status, headers);
};

/** Turns a thrown value into the error that a caller may see. An unexpected one becomes `internal`, with its cause. */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  if (error instanceof ExecError) return execProblem(error);
  if (error instanceof ZodError) return validationProblem(error);
  if (error instanceof BadCursor)
    return invalidField('cursor', 'is not from an earlier page of this list; start without it');
  if (error instanceof SessionGone) {
    return new Problem('session_not_running', ENDED, { cause: error });
  }
  if (error instanceof ComputeRefused || error instanceof StorageRefused)
    return new Problem('provider_failed', error.message, { cause: error });
  if (error instanceof ComputeTimeout) {
    return new Problem(
      'timeout',
      'The provider did not answer in time, so it is not known whether the call took effect. Make the same call again.',
      { cause: error },
    );
  }
  if (error instanceof ComputeUnavailable || error instanceof StorageUnavailable || error instanceof StoreBusy) {
    return new Problem('unavailable', 'Not reachable right now; make the same call again.', { cause: error });
  }
  if (error instanceof DocumentTooLarge) {
    return new Problem('too_large', 'The record of this call would have more than 1,000,000 bytes. Send less.', {
      cause: error,
    });
  }
  if (error instanceof StoreFull) {
    return new Problem(
      'unavailable',
      'The disk of the service is full; nothing was changed. Free some of it, then call again.',
      {
        cause: error,
      },
    );
  }
  if (error instanceof HTTPException && error.status < 500) {
    return new Problem('malformed', 'The request could not be read. Check its address, headers and body.', {
      cause: error,
    });
  }
  return new Problem('internal', 'The server failed; give the request id when you report it.', {
    cause: error,
  });
};

/** Where the service itself has not said why. */
const ENDED =
  'The session has ended. GET /v1/sessions/{id} says why in `status_message`. Create a new one to continue.';

type Issue = ZodError['issues'][number];

/** The errors of one issue: one for each unknown name, and those of the closest alternative of a union. */
const fieldErrors = (issue: Issue, above: readonly PropertyKey[], root: string): readonly FieldError[] => {
  const path = [...above, ...issue.path];
  const nameOf = (parts: readonly PropertyKey[]): string => (parts.length === 0 ? root : parts.map(String).join('.'));
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n');
    return issue.keys.map((key, i) => ({ field: nameOf([...path, key]), message: lines[i] ?? issue.message }));
  }
  // An alternative that fails only within the value is the one that was meant.
  const meant =
    issue.code === 'invalid_union'
      ? issue.errors.find((inner) => !inner.some(({ code, path: at }) => code === 'invalid_type' && at.length === 0))
      : undefined;
  if (meant !== undefined && meant.length > 0) return meant.flatMap((inner) => fieldErrors(inner, path, root));
  return [{ field: nameOf(path), message: issue.message }];
};

/** Errors of a schema, each with the path of its field. */
export const validationProblem = (error: ZodError, root = 'body'): Problem => {
  const errors = error.issues.flatMap((issue) => fieldErrors(issue, [], root));
  const first = errors[0] ?? { field: root, message: 'is not valid' };
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new Problem('invalid', `${first.field}: ${first.message}${more}`, { errors });
};

const execProblem = (error: ExecError): Problem => EXEC_PROBLEMS[error.code](error.message, error);

const EXEC_PROBLEMS: Readonly<Record<ExecErrorCode, (message: string, cause: ExecError) => Problem>> = {
  no_such_exec: (message, cause) => new Problem('not_found', message, { cause, extra: { resource: 'exec' } }),
  no_such_session: (_message, cause) => new Problem('session_not_running', ENDED, { cause }),
  invalid: (message, cause) => new Problem('invalid', message, { cause }),
  past_end: (message) => invalidField('from', message),
  stdin_gap: (message) => invalidField('offset', message),
  stdin_closed: (message, cause) => new Problem('conflict', message, { cause }),
  ended: (message, cause) => new Problem('conflict', message, { cause }),
  spawn_failed: (message) => invalidField('command', message),
  exhausted: (message, cause) => new Problem('unavailable', message, { cause }),
  too_many: (message, cause) => new Problem('quota_exceeded', message, { cause }),
  unavailable: (message, cause) => new Problem('unavailable', message, { cause }),
};
