import { Problem } from '#contract/errors.ts';
import { ComputeUnavailable } from '#ports/compute.ts';
import { StorageUnavailable } from '#ports/storages.ts';
import { CommitUnknown, StoreBusy } from '#ports/store.ts';
import type { Call } from '#services/kernel/call.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { sha256 } from '#services/kernel/hash.ts';
import { Unanswered } from '../doubles/store.ts';
import type { Fleet } from './fleet.ts';
import type { Universe } from './process.ts';

export type Answer<R> =
  | { readonly kind: 'ok'; readonly value: R }
  | { readonly kind: 'problem'; readonly code: string }
  /** There is no answer, or the answer does not say whether the request took effect. */
  | { readonly kind: 'unknown' };

export interface Asked<R> {
  readonly what: string;
  /** The user of the key; null for an admin's key. */
  readonly user: string | null;
  readonly operation: Call['operation'];
  readonly key?: string | undefined;
  readonly run: (deps: Deps, call: Call) => Promise<R>;
  /** How often the client repeats a request with an unknown result. */
  readonly retries: number;
}

const PATIENCE_MS = 40_000;
/** Besides problems, all that a call may end with. Anything else is a fault of the product. */
const SILENCE = [StoreBusy, CommitUnknown, Unanswered, ComputeUnavailable, StorageUnavailable];

const callOf = ({ user, operation, key, what }: Asked<unknown>): Call => ({
  actor: {
    kind: 'key',
    key_id: `key-${user ?? 'admin'}`,
    user_id: user,
    scopes: ['admin'],
    workspace: null,
    session_id: null,
  },
  operation,
  request_id: what,
  idempotency:
    key === undefined
      ? null
      : { key, method: 'POST', path: String(operation), fingerprint: sha256(JSON.stringify(what)) },
});

/** A remote client. Requests and answers get lost, and the client repeats requests with an unknown result. */
export const ask = async <R>(universe: Universe, fleet: Fleet, asked: Asked<R>): Promise<Answer<R>> => {
  const { random, timeline, trace, chaos } = universe;
  let answer: Answer<R> = { kind: 'unknown' };
  for (let tried = 0; tried <= asked.retries; tried++) {
    if (tried > 0) await timeline.sleep(random.whole(50, 3_000));
    trace.add(timeline.now, 'client', tried === 0 ? asked.what : `${asked.what} (again)`);
    // The network may deliver one request twice.
    if (!chaos.calm && random.chance(chaos.duplicate / 2)) void once(universe, fleet, asked);
    answer = await once(universe, fleet, asked);
    if (answer.kind === 'problem' && answer.code === 'unavailable') continue;
    if (answer.kind !== 'unknown') break;
  }
  trace.add(timeline.now, 'client', `${asked.what}: ${answer.kind === 'problem' ? answer.code : answer.kind}`);
  return answer;
};

const once = <R>(universe: Universe, fleet: Fleet, asked: Asked<R>): Promise<Answer<R>> =>
  new Promise((resolve) => {
    const { random, timeline, chaos } = universe;
    const loses = (): boolean => !chaos.calm && random.chance(chaos.answer);
    const back = (answer: Answer<R>): void => {
      if (!loses()) timeline.after(random.whole(1, 20), () => resolve(answer));
    };
    timeline.after(PATIENCE_MS, () => resolve({ kind: 'unknown' }));
    if (loses()) return;
    timeline.after(random.whole(1, 20), () => {
      const server = fleet.api();
      if (!server) {
        back({ kind: 'unknown' });
        return;
      }
      server.process.onDeath(() => back({ kind: 'unknown' }));
      asked.run(server.deps, callOf(asked)).then(
        (value) => back({ kind: 'ok', value }),
        (error: unknown) => {
          if (error instanceof Problem) back({ kind: 'problem', code: error.code });
          else {
            if (!SILENCE.some((kind) => error instanceof kind)) timeline.fail(error);
            back({ kind: 'unknown' });
          }
        },
      );
    });
  });
