/**
 * What an error of Firestore means for the caller. gRPC has these codes and no others.
 *
 * - `conflict`: nothing was written, because of another transaction. The whole transaction is tried again.
 * - `later`: nothing was written. The same call may succeed later.
 * - `unknown`: it may have been done. What is there decides.
 * - `refused`: the call can't succeed as it is: a precondition that the caller has set.
 * - `bug`: it can't succeed, and no caller has asked for that.
 */
export type Verdict = 'conflict' | 'later' | 'unknown' | 'refused' | 'bug';

export type Step = 'read' | 'commit';

interface Meaning {
  readonly code: number;
  readonly name: string;
  readonly read: Verdict;
  readonly commit: Verdict;
}

const meaning = (code: number, name: string, read: Verdict, commit: Verdict): Meaning => ({ code, name, read, commit });

/** Every code of gRPC but 0. Texts of the emulator and of production differ, so that none is needed to tell them apart. */
export const MEANINGS: readonly Meaning[] = [
  // A call of ours that was cut off: by its own time limit, or because the client was closed.
  meaning(1, 'CANCELLED', 'later', 'unknown'),
  meaning(2, 'UNKNOWN', 'later', 'unknown'),
  // A transaction that is closed or expired, or input that Firestore does not take: see `transactionIsOver`.
  meaning(3, 'INVALID_ARGUMENT', 'bug', 'bug'),
  meaning(4, 'DEADLINE_EXCEEDED', 'later', 'unknown'),
  // A document that is to be replaced at a version is gone. For a read: there is no such database.
  meaning(5, 'NOT_FOUND', 'bug', 'refused'),
  meaning(6, 'ALREADY_EXISTS', 'bug', 'refused'),
  meaning(7, 'PERMISSION_DENIED', 'bug', 'bug'),
  // More than the quota of the project, or of the free tier.
  meaning(8, 'RESOURCE_EXHAUSTED', 'later', 'later'),
  // Another version than the one asked for. For a read: an index is missing.
  meaning(9, 'FAILED_PRECONDITION', 'bug', 'refused'),
  meaning(10, 'ABORTED', 'conflict', 'conflict'),
  meaning(11, 'OUT_OF_RANGE', 'bug', 'bug'),
  meaning(12, 'UNIMPLEMENTED', 'bug', 'bug'),
  meaning(13, 'INTERNAL', 'later', 'unknown'),
  meaning(14, 'UNAVAILABLE', 'later', 'unknown'),
  meaning(15, 'DATA_LOSS', 'bug', 'bug'),
  // A key that has just been rotated, or a clock that is wrong.
  meaning(16, 'UNAUTHENTICATED', 'bug', 'bug'),
];

const BY_CODE = new Map(MEANINGS.map((one) => [one.code, one]));

export const codeOf = (error: unknown): number | null => {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'number' && BY_CODE.has(code) ? code : null;
};

/**
 * The transaction was ended by the server, or by a commit of which this process did not hear. Production:
 * "The referenced transaction has expired or is no longer valid." Emulator: "Transaction is invalid or closed.", "The
 * referenced transaction has expired or is no longer valid".
 */
const transactionIsOver = (error: unknown): boolean => /\btransaction\b/i.test((error as Error).message);

/** @returns null for what is no error of Firestore */
export const verdictOf = (error: unknown, step: Step): Verdict | null => {
  const code = codeOf(error);
  if (code === null) return null;
  if ((code === 3 || code === 9) && transactionIsOver(error)) {
    return step === 'commit' ? 'unknown' : 'conflict';
  }
  return BY_CODE.get(code)?.[step] ?? null;
};
