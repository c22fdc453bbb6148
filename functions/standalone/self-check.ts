import type { Clock } from '#ports/clock.ts';

export interface CheckStep {
  readonly step: string;
  readonly ms: number;
  readonly found: string;
}

const USER = 'onmemos-self-check';
/** Of each of its requests. */
const REQUEST_ID = 'req-onmemos-self-check';

interface Api {
  readonly url: string;
  readonly key: string;
  readonly clock: Clock;
  /** Told of each step when it is done. */
  readonly done: (step: CheckStep) => void;
}

/** One call of the public API. @throws Error with the sentence that it answered */
const call = async (
  { url, key }: Api,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      'X-API-Key': key,
      'X-Request-Id': REQUEST_ID,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Error(String(json['detail'] ?? answer.status));
  return json;
};

const timed = async <T>(api: Api, step: string, run: () => Promise<T>, found: (result: T) => string): Promise<T> => {
  const started = api.clock.monotonic();
  const result = await run();
  api.done({ step, ms: api.clock.monotonic() - started, found: found(result) });
  return result;
};

/**
 * Runs one real session through the public API, and leaves nothing behind.
 * @returns the user, request id and session of the check, which its log lines name
 * @throws Error naming what failed
 */
export const selfCheck = async (api: Api): Promise<readonly string[]> => {
  const made = await timed(
    api,
    'create a session',
    () =>
      call(api, 'POST', '/v1/sessions?wait=60', {
        user: USER,
        namespace: 'self-check',
        resource_package: 'dev_micro',
        ttl_minutes: 5,
      }),
    (session) => `${session['status']}, isolation ${(session['details'] as Record<string, unknown>)['isolation']}`,
  );
  const at = `/v1/sessions/${String(made['id'])}`;
  try {
    if (made['status'] !== 'running') throw new Error(`the session is ${made['status']}: ${made['status_message']}`);
    await timed(
      api,
      'run a command',
      () => call(api, 'POST', `${at}/execute`, { command: 'echo hello from $(uname -s)' }),
      (result) => {
        if (result['returncode'] !== 0)
          throw new Error(`the command ended with ${result['returncode']}: ${result['stderr']}`);
        return String(result['stdout']).trim();
      },
    );
    await timed(
      api,
      'read its usage',
      () => call(api, 'GET', `${at}/usage`),
      (usage) =>
        [
          usage['memory_mb'] === null ? null : `${Math.round(Number(usage['memory_mb']))} MB`,
          usage['processes'] === null ? null : `${usage['processes']} processes`,
        ]
          .filter((part) => part !== null)
          .join(', '),
    );
  } catch (error) {
    // Why it failed is told, whatever becomes of what it leaves.
    await tidyUp(api, at).catch(() => {});
    throw error;
  }
  await tidyUp(api, at);
  return [USER, REQUEST_ID, String(made['id'])];
};

const tidyUp = async (api: Api, at: string): Promise<void> => {
  await timed(
    api,
    'delete it',
    () => call(api, 'DELETE', at),
    (session) => String(session['status']),
  );
  await call(api, 'DELETE', `/v1/workspaces/${USER}/default?force=true`);
  await call(api, 'DELETE', `/v1/users/${USER}`);
};
