import type { FaultKind } from './plan.ts';

/** Faults as they are counted: a cut in a stream or a WebSocket apart from one in an answer of known length. */
export type Counted = FaultKind | 'hold-limit' | 'cut-stream' | 'cut-socket';

/** A timer may fire this much before its time, as two clocks see it. */
const CLOCK_STEP_MS = 20;

/** What a proxy has seen and done. */
export class Tally {
  requests = 0;
  connections = 0;
  /** POSTs that carried an Idempotency-Key which an earlier request carried too. */
  repeats = 0;
  /** POSTs without an Idempotency-Key, by path. */
  readonly unkeyed: string[] = [];
  /** Exchanges that the server broke off, by path: nothing of the proxy's. */
  readonly broken: string[] = [];
  /** Calls made again before the time that a Retry-After had named, by path. */
  readonly early: string[] = [];
  /** By idempotency key, in the milliseconds of `performance.now()`. */
  readonly #notBefore = new Map<string, number>();
  readonly #faults = new Map<Counted, number>();
  readonly #keys = new Set<string>();

  fault(kind: Counted): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1);
  }

  request(method: string, path: string, key: string | undefined): void {
    this.requests++;
    if (method !== 'POST') return;
    if (key === undefined) this.unkeyed.push(path);
    else if (this.#keys.has(key)) this.repeats++;
    else this.#keys.add(key);
    const early = (this.#notBefore.get(key ?? '') ?? 0) - performance.now();
    if (early > CLOCK_STEP_MS) this.early.push(`${path}: ${Math.round(early)} ms`);
  }

  /** Holds the caller of this key to wait so long. */
  retryAfter(key: string | undefined, ms: number): void {
    if (key !== undefined) this.#notBefore.set(key, performance.now() + ms);
  }

  of(kind: Counted): number {
    return this.#faults.get(kind) ?? 0;
  }

  /** All faults, and those of each kind. */
  get faults(): { readonly all: number; readonly kinds: Readonly<Record<string, number>> } {
    const kinds = Object.fromEntries([...this.#faults].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { all: Object.values(kinds).reduce((sum, count) => sum + count, 0), kinds };
  }
}
