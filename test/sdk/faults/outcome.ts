/** What an SDK made of one call. */
export interface Outcome {
  readonly n: number;
  readonly ok: boolean;
  /** The id of what was made: a session, a key, a command. */
  readonly id?: string;
  /** What a command printed, or a list or an answer said of what was asked for. */
  readonly said?: string;
  /** Nothing where the call was not made, because what it is about was not. */
  readonly error?: OutcomeError;
}

export interface OutcomeError {
  /** The name of its class. */
  readonly type: string;
  /** Whether it is the SDK's own. */
  readonly own: boolean;
  readonly code: string | null;
  readonly message: string;
  readonly hint: string;
}
