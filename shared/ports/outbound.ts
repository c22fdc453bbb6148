/**
 * Sends messages to addresses that users name. It never sends to this machine, to its network or to a cloud's metadata,
 * unless the operator allows the address.
 */
export interface Outbound {
  /** Why nothing can be sent to this address, as far as it can be seen without asking for its name; null: it may work. */
  refusal(url: string): string | null;
  /**
   * One try, which never throws. Follows no redirect and keeps nothing of the answer but its status.
   * @returns null if too many tries are under way: nothing was sent
   */
  post(message: OutboundMessage): Promise<OutboundResult | null>;
}

export interface OutboundMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the first question for the name to the status of the answer. */
  readonly timeout_ms: number;
}

export interface OutboundResult {
  readonly status: number | null;
  /** null: the answer was a success. */
  readonly error: OutboundError | null;
}

export type OutboundError =
  | 'address_refused'
  | 'name_not_found'
  | 'no_connection'
  | 'tls'
  | 'timeout'
  | 'redirect'
  | 'status';
