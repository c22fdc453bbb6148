import { describe, expect, it } from 'vitest';
import { adviceOf, CALLS, type Call, type Failure, isThrottled, verdictOf, type Verdict } from './verdicts.ts';

const failure = (status: number | null, message = '', reason = ''): Failure => ({
  status,
  message,
  reasons: reason === '' ? [] : [reason],
});

const RATE = 'The project exceeded the rate limit for creating and deleting buckets.';
const QUOTA =
  'Create Bucket quota limit limit exceeded on the Google Cloud project. Please slow down execution and try again.';
const OWN = 'Your previous request to create the named bucket succeeded and you already own it.';
const TAKEN =
  'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.';
const TAKEN_EMULATOR = "A Cloud Storage bucket named 'a' already exists. Try another name.";

/** Texts that were seen: of production, and of the emulator where it has one. */
const SEEN: readonly (readonly [Call, number, string, string, Verdict])[] = [
  ['create', 409, 'conflict', OWN, 'done'],
  ['create', 409, 'conflict', TAKEN, 'done'],
  ['create', 409, 'conflict', TAKEN_EMULATOR, 'done'],
  ['create', 429, 'rateLimitExceeded', RATE, 'later'],
  ['create', 429, 'rateLimitExceeded', QUOTA, 'later'],
  ['create', 403, 'rateLimitExceeded', 'Rate Limit Exceeded', 'later'],
  ['create', 403, 'forbidden', 'robot@p.iam does not have storage.buckets.create access', 'pointless'],
  ['create', 403, 'accessNotConfigured', 'Cloud Storage API has not been used in project 1', 'pointless'],
  ['create', 404, 'notFound', 'The requested project was not found.', 'pointless'],
  ['create', 412, 'conditionNotMet', "'us' violates constraint 'constraints/gcp.resourceLocations'", 'pointless'],
  ['create', 400, 'invalid', 'The specified location constraint is not valid.', 'pointless'],
  [
    'create',
    400,
    'invalid',
    'The combination of locationConstraint and storageClass you provided is not supported for your project',
    'pointless',
  ],
  ['create', 400, 'invalid', 'Invalid bucket name', 'bug'],
  ['create', 400, '', 'invalid bucket name', 'bug'],
  ['look', 400, 'required', 'Bucket is a requester pays bucket but no user project provided.', 'pointless'],
  ['objects', 400, 'required', 'Bucket is a requester pays bucket but no user project provided.', 'pointless'],
  ['drop', 409, 'conflict', 'The bucket you tried to delete is not empty.', 'later'],
  ['drop', 412, '', 'bucket must be empty prior to deletion', 'later'],
  ['drop', 404, 'notFound', 'The specified bucket does not exist.', 'done'],
  ['drop', 404, '', 'Not Found', 'done'],
  ['drop', 429, 'rateLimitExceeded', RATE, 'later'],
  ['look', 404, 'notFound', 'The specified bucket does not exist.', 'done'],
  ['look', 403, 'forbidden', 'does not have storage.buckets.get access', 'pointless'],
  ['objects', 404, '', 'Not Found', 'done'],
  ['erase', 404, 'notFound', 'No such object', 'done'],
  ['erase', 403, 'retentionPolicyNotMet', 'is subject to bucket’s retention policy', 'pointless'],
  ['buckets', 403, 'forbidden', 'Forbidden', 'pointless'],
];

describe('verdicts', () => {
  it.each(SEEN)('%s, %i %s: %s', (call, status, reason, message, verdict) => {
    expect(verdictOf(call, failure(status, message, reason))).toBe(verdict);
  });

  it('are total: every call has one for every status, and for none', () => {
    for (const call of CALLS) {
      expect(verdictOf(call, failure(null, 'ECONNRESET'))).toBe('later');
      for (let status = 100; status < 600; status++) {
        const verdict = verdictOf(call, failure(status));
        expect(['done', 'pointless', 'later', 'bug'], `${call} ${status}`).toContain(verdict);
        if (status >= 500 || status === 429 || status === 408) expect(verdict, `${call} ${status}`).toBe('later');
      }
    }
  });

  it('know what comes too fast from what is forbidden', () => {
    expect(isThrottled(failure(429))).toBe(true);
    expect(isThrottled(failure(403, '', 'userRateLimitExceeded'))).toBe(true);
    expect(isThrottled(failure(403, '', 'forbidden'))).toBe(false);
    expect(isThrottled(failure(503))).toBe(false);
  });

  it('of refusals come with what to do', () => {
    const at = { project: 'p', location: 'us-east9' };
    const refused = SEEN.filter(([, , , , verdict]) => verdict === 'pointless');
    for (const [call, status, reason, message] of refused) {
      const advice = adviceOf(call, failure(status, message, reason), at);
      expect(advice, `${call} ${status}`).toMatch(/^(Give|Enable|Check|Choose|Release|Turn|The name) .*\.$/);
    }
    expect(adviceOf('create', failure(412), at)).toContain('us-east9');
  });
});
