import { type Random, randomOf } from './random.ts';

/** What a proxy's own answer says. */
export interface OwnAnswer {
  readonly status: 429 | 500 | 502 | 503;
  /** Seconds in `Retry-After`; none where null. */
  readonly retryAfter: number | null;
  /** As the instant that lies so many seconds ahead, which HTTP allows as well. */
  readonly asDate?: boolean;
}

/** What happens to one request. `reset`: the connection is reset (RST) rather than closed (FIN). */
export type Fault =
  | { readonly kind: 'none' }
  /** Nothing of it reaches the server. */
  | { readonly kind: 'drop-before'; readonly reset: boolean }
  /** A part of it reaches the server. */
  | { readonly kind: 'cut-request'; readonly share: number; readonly reset: boolean }
  /** The server has all of it and works when both connections go. */
  | { readonly kind: 'drop-waiting'; readonly afterMs: number; readonly reset: boolean }
  /** Both connections go where the server has not begun to answer by then, as at a load balancer's limit. */
  | { readonly kind: 'hold-limit'; readonly limitMs: number }
  /** The server has answered; nothing of that reaches the client. */
  | { readonly kind: 'lose-answer'; readonly reset: boolean }
  /** The answer breaks off within: at this share where its length is known, else (and in a WebSocket) after so many bytes. */
  | { readonly kind: 'cut-answer'; readonly share: number; readonly bytes: number; readonly reset: boolean }
  /** All of the answer comes, then the connection goes, perhaps under the next request. */
  | { readonly kind: 'drop-after'; readonly afterMs: number; readonly reset: boolean }
  | { readonly kind: 'delay'; readonly beforeMs: number; readonly afterMs: number }
  /** The proxy answers in the server's place, which has not heard of it. */
  | { readonly kind: 'answer-instead'; readonly answer: OwnAnswer }
  /** The proxy answers in the server's place, which has done what was asked. */
  | { readonly kind: 'answer-over'; readonly answer: OwnAnswer };

/** Those that happen by chance. */
export type FaultKind = Exclude<Fault['kind'], 'none' | 'hold-limit'>;
export const FAULT_KINDS: readonly FaultKind[] = [
  'drop-before',
  'cut-request',
  'drop-waiting',
  'lose-answer',
  'cut-answer',
  'drop-after',
  'delay',
  'answer-instead',
  'answer-over',
];

export interface Exchange {
  readonly method: string;
  readonly path: string;
}

/** Decides about one request after the other. */
export interface Plan {
  next(exchange: Exchange): Fault;
}

export const NO_FAULTS: Plan = { next: () => ({ kind: 'none' }) };

export interface RandomPlan {
  readonly seed: number;
  /** The share of requests that meet a fault. */
  readonly rate: number;
  readonly kinds?: readonly FaultKind[];
  /** The longest pause that is made anywhere. */
  readonly delayMs?: number;
  /** The most bytes of a stream before its cut; fewer are likelier. */
  readonly streamBytes?: number;
}

const OWN_ANSWERS: readonly OwnAnswer[] = [
  { status: 500, retryAfter: null },
  { status: 502, retryAfter: null },
  { status: 503, retryAfter: null },
  { status: 503, retryAfter: 1 },
  { status: 503, retryAfter: 2, asDate: true },
  { status: 429, retryAfter: 0 },
  { status: 429, retryAfter: 1 },
];

/** The path with what differs from thing to thing left out. */
const routeOf = ({ method, path }: Exchange): string =>
  `${method} ${(path.split('?')[0] ?? '').replace(/[^/]*\d[^/]*/g, (part) => (part === 'v1' ? part : '*'))}`;

/**
 * Faults by chance. Each route draws from a stream of its own, so that a seed gives its n-th request the same fault
 * again, whatever the others do meanwhile.
 */
export const randomPlan = ({
  seed,
  rate,
  kinds = FAULT_KINDS,
  delayMs = 150,
  streamBytes = 4096,
}: RandomPlan): Plan => {
  const streams = new Map<string, Random>();
  return {
    next: (exchange) => {
      const route = routeOf(exchange);
      const random = streams.get(route) ?? randomOf(seed, route);
      streams.set(route, random);
      return random.happens(rate) ? faultOf(random.pick(kinds), random, delayMs, streamBytes) : { kind: 'none' };
    },
  };
};

const faultOf = (kind: FaultKind, random: Random, delayMs: number, streamBytes: number): Fault => {
  const reset = random.happens(0.5);
  switch (kind) {
    case 'drop-before':
    case 'lose-answer':
      return { kind, reset };
    case 'cut-request':
      return { kind, share: random.share(), reset };
    case 'cut-answer':
      return { kind, share: random.share(), bytes: Math.ceil(streamBytes ** random.share()), reset };
    case 'drop-waiting':
      return { kind, afterMs: random.whole(0, 30), reset };
    case 'drop-after':
      return { kind, afterMs: random.whole(0, 20), reset };
    case 'delay':
      return { kind, beforeMs: random.whole(0, delayMs), afterMs: random.whole(0, delayMs) };
    case 'answer-instead':
    case 'answer-over':
      return { kind, answer: random.pick(OWN_ANSWERS) };
  }
};

/** So many cuts within what flows on the routes that match, at random bytes up to `within` of all of it. */
export const cutPlan = (given: {
  readonly seed: number;
  readonly route: RegExp;
  readonly cuts: number;
  readonly within: number;
}): Plan => {
  const random = randomOf(given.seed, 'cuts');
  const points = Array.from({ length: given.cuts }, () => random.whole(1, given.within)).sort((a, b) => a - b);
  let last = 0;
  return {
    next: ({ path }) => {
      const point = given.route.test(path) ? points.shift() : undefined;
      if (point === undefined) return { kind: 'none' };
      const bytes = Math.max(1, point - last);
      last = point;
      return { kind: 'cut-answer', share: random.share(), bytes, reset: random.happens(0.5) };
    },
  };
};
