/** Time to live, in whole minutes; instants are epoch milliseconds. */
export const DEFAULT_TTL_MINUTES = 60;
/** The longest life of a session, counted from its creation, unless configured otherwise. */
const LONGEST_LIFE_MINUTES = 1440;

const MINUTE_MS = 60_000;

export const expiresAt = (created_at: number, ttl_minutes: number): number => created_at + ttl_minutes * MINUTE_MS;

/** The latest instant that any extension can reach: what a provider's own deadline is set to, plus grace. */
export const latestEnd = (created_at: number, longest_life_minutes = LONGEST_LIFE_MINUTES): number =>
  created_at + longest_life_minutes * MINUTE_MS;

export interface Extension {
  readonly now: number;
  readonly created_at: number;
  readonly ttl_minutes: number;
  readonly longest_life_minutes?: number;
  /** The longest life at the session's provider; null: the provider sets no limit. */
  readonly provider?: { readonly name: string; readonly max_life_minutes: number | null };
}

export type ExtensionResult =
  | { readonly ok: true; readonly expires_at: number }
  | {
      readonly ok: false;
      readonly field: 'ttl_minutes';
      readonly message: string;
      readonly longest_ttl_minutes: number;
    };

/** The new end when a session is given `ttl_minutes` from now; refused past its longest life. */
export const extend = (asked: Extension): ExtensionResult => {
  const configured = asked.longest_life_minutes ?? LONGEST_LIFE_MINUTES;
  const given = asked.provider?.max_life_minutes ?? null;
  const longest = Math.min(configured, given ?? configured);
  const last = latestEnd(asked.created_at, longest);
  const expires_at = asked.now + asked.ttl_minutes * MINUTE_MS;
  if (expires_at <= last) return { ok: true, expires_at };
  const limit =
    given !== null && given < configured ? `${asked.provider?.name} gives such a session` : 'The session can live';
  const left = Math.max(0, Math.floor((last - asked.now) / MINUTE_MS));
  const most =
    left === 0 ? 'its time is up' : `at most ${left} more ${left === 1 ? 'minute is' : 'minutes are'} possible`;
  return {
    ok: false,
    field: 'ttl_minutes',
    message: `${limit} ${longest} minutes from its creation: ${most}; create a new session for more`,
    longest_ttl_minutes: left,
  };
};
