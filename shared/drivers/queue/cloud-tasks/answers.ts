/**
 * - `done`: the task is in the queue.
 * - `pointless`: its name is used, so that no further call can add it.
 * - `later`: the same call may succeed soon.
 * - `bug`: the same call fails until somebody changes the request, the queue or a permission.
 */
type Verdict = 'done' | 'pointless' | 'later' | 'bug';

export interface Answer {
  readonly code: string;
  readonly verdict: Verdict;
  /** Whether the task may be in the queue although the call failed. */
  readonly may_be_stored: boolean;
  /** Whether the service said nothing for as long as a call may take. */
  readonly is_silence: boolean;
  /** What to do about it, for the log. */
  readonly advice: string;
  /** Texts of the answer to `createTask`: by the test server, and seen of Google. None of them is looked at. */
  readonly texts: { readonly test_server: readonly string[]; readonly google: readonly string[] };
}

const answer = (
  code: string,
  verdict: Verdict,
  more: {
    readonly stored?: true;
    readonly silence?: true;
    readonly advice: string;
    readonly test_server?: string[];
    readonly google?: string[];
  },
): Answer => ({
  ...{ code, verdict, may_be_stored: more.stored === true, is_silence: more.silence === true, advice: more.advice },
  texts: { test_server: more.test_server ?? [], google: more.google ?? [] },
});

const AGAIN = 'The sweeps repeat what was not enqueued.';
const REPORT = 'Report it: the driver sends what Cloud Tasks refuses.';

const TOO_RECENT = 'The task cannot be created because a task with this name existed too recently.';
const TOO_FAR = 'is too far in the future. Schedule time must be no more than 720h in the future.';
const QUEUE_GONE = 'The queue no longer exists, though a queue with this name existed recently.';
const NO_QUEUE = 'Queue does not exist.';
const NOT_FOUND = 'Requested entity was not found.';
const UNAVAILABLE = 'The service is currently unavailable.';

/** By the number of the gRPC code, with no code left out: what the answer to a `createTask` means. */
export const ANSWERS: readonly Answer[] = [
  answer('OK', 'done', { stored: true, advice: 'Nothing is to be done.' }),
  answer('CANCELLED', 'later', { stored: true, advice: AGAIN }),
  answer('UNKNOWN', 'later', { stored: true, advice: AGAIN }),
  answer('INVALID_ARGUMENT', 'bug', {
    advice: REPORT,
    test_server: [TOO_FAR, 'must be formatted', 'Task.dispatchDeadline must be between [15s, 30m].'],
    google: [
      TOO_FAR,
      'The deadline cannot be more than 30s in the future.',
      'Invalid resource field value in the request.',
    ],
  }),
  answer('DEADLINE_EXCEEDED', 'later', {
    stored: true,
    silence: true,
    advice: AGAIN,
    // The client’s own words: it gave up.
    test_server: ['Deadline exceeded after'],
    google: ['Deadline exceeded after'],
  }),
  // A queue that was idle for 30 days is not found until it has woken up.
  answer('NOT_FOUND', 'later', {
    advice: `Create the queue if it is missing. ${AGAIN}`,
    test_server: [NOT_FOUND, NO_QUEUE],
    google: [NOT_FOUND],
  }),
  answer('ALREADY_EXISTS', 'pointless', {
    advice: 'Nothing is to be done.',
    test_server: ['Requested entity already exists', TOO_RECENT],
    google: ['Requested entity already exists', TOO_RECENT],
  }),
  answer('PERMISSION_DENIED', 'bug', {
    advice: 'Give the caller roles/cloudtasks.enqueuer and iam.serviceAccounts.actAs on the account of the tasks.',
    test_server: ['must be within the project of the queue'],
  }),
  answer('RESOURCE_EXHAUSTED', 'later', { advice: AGAIN }),
  answer('FAILED_PRECONDITION', 'bug', {
    advice: 'Create the queue. A queue that was just created takes a minute.',
    test_server: [NO_QUEUE, QUEUE_GONE],
    google: [NO_QUEUE, QUEUE_GONE],
  }),
  answer('ABORTED', 'later', { stored: true, advice: AGAIN }),
  answer('OUT_OF_RANGE', 'bug', { advice: REPORT }),
  answer('UNIMPLEMENTED', 'bug', {
    advice: 'Point the driver at a Cloud Tasks service.',
    test_server: ['This server delivers HTTP tasks alone.'],
  }),
  answer('INTERNAL', 'later', { stored: true, advice: AGAIN }),
  answer('UNAVAILABLE', 'later', {
    stored: true,
    advice: AGAIN,
    test_server: [UNAVAILABLE, 'No connection established'],
    google: [UNAVAILABLE],
  }),
  answer('DATA_LOSS', 'bug', { stored: true, advice: REPORT }),
  answer('UNAUTHENTICATED', 'bug', { advice: 'Give the process credentials of a service account.' }),
];

const UNKNOWN = 2;

/** What an error of the client means. One without a code of gRPC was made on this side, or on the way. */
export const answerOf = (error: unknown): Answer => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const found = (typeof code === 'number' ? ANSWERS[code] : undefined) ?? ANSWERS[UNKNOWN];
  if (!found) throw new Error('the table of answers is empty');
  return found;
};
