/** What the driver asks of Cloud Storage. */
export const CALLS = ['look', 'create', 'drop', 'buckets', 'objects', 'erase'] as const;
export type Call = (typeof CALLS)[number];

/**
 * What follows from a failure. `done`: what the call is for is the case already. `pointless`: it fails until somebody
 * changes something. `later`: the same call may succeed. `bug`: a request that the driver must never send.
 */
export type Verdict = 'done' | 'pointless' | 'later' | 'bug';

/** A failed call: the status of HTTP, null where none came, and what the answer says. */
export interface Failure {
  readonly status: number | null;
  /** The codes in the answer's list of errors, such as `rateLimitExceeded`. */
  readonly reasons: readonly string[];
  readonly message: string;
}

type Rule = Verdict | ((failure: Failure) => Verdict);

/** Google answers some limits with 403. */
const isThrottle = ({ reasons }: Failure): boolean =>
  reasons.some((reason) => reason === 'rateLimitExceeded' || reason === 'userRateLimitExceeded');

/** Whether calls come faster than the project may make them. */
export const isThrottled = (failure: Failure): boolean => failure.status === 429 || isThrottle(failure);

/** A location that a setting names and this project can’t have, in both texts of Google. */
const isLocation = ({ message }: Failure): boolean => /location.?constraint/i.test(message);

/** A bucket whose readers are to pay, which no bucket is when it is made. */
const isRequesterPays = ({ message }: Failure): boolean => /requester pays/i.test(message);

/** Statuses that mean the same to every call. 401: the token is renewed within the hour, with or without a person. */
const ALWAYS: Readonly<Record<number, Rule>> = {
  400: (failure) => (isRequesterPays(failure) ? 'pointless' : 'bug'),
  401: 'later',
  403: (failure) => (isThrottle(failure) ? 'later' : 'pointless'),
  405: 'bug',
  408: 'later',
  411: 'bug',
  412: 'pointless',
  413: 'bug',
  416: 'bug',
  429: 'later',
  500: 'later',
  502: 'later',
  503: 'later',
  504: 'later',
};

/**
 * What differs between calls. Production refuses to delete a bucket that holds something with 409, the emulator with
 * 412. An organization's policy refuses a bucket with 412. What is gone need not be removed; a project that does not
 * exist is a setting. 409 of a change that meets another one passes.
 */
const BY_CALL: Readonly<Record<Call, Readonly<Record<number, Rule>>>> = {
  look: { 404: 'done', 409: 'later' },
  create: {
    400: (failure) => (isLocation(failure) ? 'pointless' : 'bug'),
    404: 'pointless',
    // The bucket exists. Whose it is, the next look says.
    409: 'done',
  },
  drop: { 404: 'done', 409: 'later', 412: 'later' },
  buckets: { 404: 'pointless', 409: 'later' },
  objects: { 404: 'done', 409: 'later' },
  erase: { 404: 'done', 409: 'later' },
};

/** Total: a status that is not listed is ours to mend below 500, and passes from 500 on. */
export const verdictOf = (call: Call, failure: Failure): Verdict => {
  if (failure.status === null) return 'later';
  const rule = BY_CALL[call][failure.status] ?? ALWAYS[failure.status] ?? (failure.status >= 500 ? 'later' : 'bug');
  return typeof rule === 'function' ? rule(failure) : rule;
};

/** What an operator does about a refusal. */
export const adviceOf = (call: Call, failure: Failure, at: { readonly project: string; readonly location: string }) => {
  const { status, reasons } = failure;
  if (reasons.includes('accessNotConfigured'))
    return `Enable the API storage.googleapis.com in the project ${at.project}.`;
  if (reasons.includes('retentionPolicyNotMet') || (call === 'erase' && status === 403))
    return 'Release what holds its objects (a hold or a retention policy), and give this deployment’s service account the role Storage Admin.';
  if (call === 'look' && status === 403)
    return `The name belongs to another project, or this deployment’s service account needs the role Storage Admin in the project ${at.project}.`;
  if (isRequesterPays(failure)) return 'Turn requester pays off for this bucket.';
  if (status === 404) return `Check the project: ${at.project} is not known.`;
  if (status === 400 || status === 412)
    return `Choose a location that the project ${at.project} may use instead of ${at.location}, or change the organization’s policy.`;
  return `Give this deployment’s service account the role Storage Admin in the project ${at.project}.`;
};
