import { systemClock } from '#platform/clock.ts';
import type { Json } from './json.ts';
import { count, pause, violation, type World } from './world.ts';

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: Json;
  readonly idempotencyKey?: string;
  /** Another key than the admin's. */
  readonly key?: string;
}

export interface Answered {
  readonly status: number;
  readonly body: Json;
  /** Whether the first call of it was the one that was answered. */
  readonly first: boolean;
}

/** The run has ended while a call waited for its answer. */
export class Over extends Error {
  override readonly name = 'Over';
}

/** One call to whatever server there is. null: it was not answered, or asks for the same call again. */
export const tryOnce = async (world: World, ask: Ask): Promise<Omit<Answered, 'first'> | null> => {
  const { address } = world;
  if (!address) return null;
  try {
    const response = await fetch(`${address.url}${ask.path}`, {
      method: ask.method,
      headers: {
        'X-API-Key': ask.key ?? address.key,
        ...(ask.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(ask.idempotencyKey === undefined ? {} : { 'Idempotency-Key': ask.idempotencyKey }),
      },
      ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
      signal: AbortSignal.timeout(world.patience.call_ms),
    });
    const text = await response.text();
    if (response.status === 500 || response.status === 502) {
      const { request_id: _, ...said } = JSON.parse(text) as Json;
      violation(world, `${ask.method} ${ask.path} answered ${response.status} ${JSON.stringify(said)}`);
    }
    if (response.status >= 500 || response.status === 429) return null;
    return { status: response.status, body: JSON.parse(text) as Json };
  } catch {
    return null;
  }
};

/**
 * Makes the same call until it is answered, whatever is killed meanwhile. One that no server answers in time is a
 * violation of its own. @throws Over
 */
export const answered = async (world: World, ask: Ask): Promise<Answered> => {
  const { answer_ms, again_ms } = world.patience;
  const end = systemClock.monotonic() + answer_ms;
  for (let first = true; ; first = false) {
    if (world.over) throw new Over(`${ask.method} ${ask.path}`);
    const answer = await tryOnce(world, ask);
    if (answer) {
      count(world, 'calls answered');
      if (!first) count(world, 'calls answered at a repeat');
      return { ...answer, first };
    }
    if (systemClock.monotonic() > end) {
      violation(world, `${ask.method} ${ask.path} was not answered within ${answer_ms / 1000} s`);
      throw new Over(`${ask.method} ${ask.path}`);
    }
    await pause(again_ms);
  }
};
