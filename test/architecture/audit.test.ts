import { describe, expect, it } from 'vitest';
import { auditProblems, writersOf } from './audit.ts';
import { readProgram } from './calls.ts';
import { expectNone, files, isTest, read } from './source.ts';

/** What is changed without an audit entry, and why nobody will look for one. */
const NOT_AUDITED: Readonly<Record<string, string>> = {
  'billing/rollups-since.ts rollupsSince: places': 'Notes at start since when sums are kept.',
  'billing/follow-budget.ts followBudget: accounts, sessions, storage':
    'Reserves for what is live. The PUT that gave the budget is in the audit.',
  'execs/attach.ts withSeenEnds: signals':
    'Hands the channel of an attached stream on. Input and signals of such a stream are part of the command.',
  'execs/begin.ts nothingRan: execs':
    'Takes back the record of a command that could not be started. That it was asked for is in the audit.',
  'execs/execute.ts endWithCaller: signals':
    'Ends a command whose request has ended before its answer. Its start is in the audit.',
  'execs/record.ts recordState: execs':
    'Notes how a command does. Who started, signalled or killed it is in the audit.',
  'execs/running.ts explained: signals':
    'Hands the channel of a session on and puts its refusals into words. The verb that signals writes the entry.',
  'execs/shell.ts openShell: signals': 'Hangs up a terminal whose caller has left. Its start is in the audit.',
  'keys/authenticate.ts noteUse: keys': 'Notes when a key was last used. Each call would be an entry.',
  'lifecycle/converge.ts forget: intents': 'Bookkeeping: the step that the intent was for has written its own entry.',
  'lifecycle/deadline.ts holdDeadline: intents, sessions':
    'Notes that the session holds its new deadline. The update that set it is in the audit.',
  'lifecycle/intents.ts retryIntent: intents': 'Bookkeeping of attempts: nothing has changed for anyone yet.',
  'lifecycle/look.ts recordInLane: accounts, ledger, rollups, sessions':
    'Bills the time that has passed. The ledger is its record; an end that it begins is in the audit.',
  'lifecycle/provision.ts recordNames: sessions':
    'Notes what the provider calls a session that is being made. Its start is in the audit.',
  'lifecycle/remove-members.ts removeMembers: members':
    'Takes members out of a workspace that is gone. The purge, or the workspace made under its name, is in the audit.',
  'lifecycle/remove-storage.ts removeStorage: storage':
    'Marks storage before its bytes are removed. The removal is in the audit once it is done.',
  'lifecycle/teardown.ts closeExecs: execs':
    'Closes the records of commands that ended with their session, whose end is in the audit.',
  'sweeps/lease.ts giveLeaseBack: leases': 'Notes who runs the timed jobs. What a job changes has its own entry.',
  'sweeps/lease.ts takeLease: leases': 'The same.',
  'sweeps/meter-storage.ts billOwner: accounts, ledger, rollups, storage':
    'Bills the time that has passed. The ledger is its record.',
  'sweeps/pages.ts sweepDue: places': 'Notes where a job that ran out of time goes on.',
  'sweeps/pages.ts walkFrom: places': 'The same.',
  'sweeps/prune.ts deleteAsSeen: any': 'Removes idempotency records and tickets that have lived out their time.',
  'sweeps/prune.ts removeSession: execs, sessions':
    'Removes records of sessions long ended. Audit and ledger are kept.',
  'sweeps/prune.ts retireFromLists: sessions': 'Takes a session that ended a day ago out of the lists of old clients.',
  'sweeps/sample.ts walkMinutes: places': 'The same.',
  'tickets/create.ts createTicket: tickets':
    'A ticket gives no right that its key lacks, and lives for a minute. What is done with it is in the audit.',
  'tickets/redeem.ts redeemTicket: tickets': 'Uses up a ticket. What is done with it is in the audit.',
};

const sources = files('.ts').filter((file) => /^(shared\/(services|wiring)|functions)\//.test(file) && !isTest(file));
const texts = new Map(sources.map((file) => [file, read(file)]));

const ADVICE = 'The rule: each change that a caller or a job makes is in the audit, written in the same transaction.';

/** Problems of the services with another text in one file. */
const problemsWith = (file: string, change: (text: string) => string): readonly string[] => {
  const text = texts.get(file) ?? '';
  const changed = change(text);
  expect(changed, file).not.toBe(text);
  return auditProblems(writersOf(readProgram(new Map([...texts, [file, changed]]))), NOT_AUDITED);
};

const withoutAudit = (text: string): string => text.replace(/writeAudit\(\s*deps, draft/, 'ignore(deps, draft');

describe('an audit entry', () => {
  it('is written by each verb that changes something, in the same transaction', () => {
    const writers = writersOf(readProgram(texts));
    expect(writers.filter(({ audits }) => audits).length).toBeGreaterThan(15);
    expectNone(auditProblems(writers, NOT_AUDITED), ADVICE);
  });

  it('is missed where a verb no longer writes one', () => {
    expect(problemsWith('shared/services/members/put.ts', withoutAudit)).toEqual([
      expect.stringContaining("'members/put.ts putMember: members, users' is changed without an audit entry. Call"),
    ]);
  });

  it('is missed in each verb that relies on one function to write it', () => {
    const problems = problemsWith('shared/services/lifecycle/begin-end.ts', withoutAudit);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(
      expect.arrayContaining(["'sessions/end.ts endSession", "'lifecycle/expire.ts expireSession"]),
    );
  });

  it('is missed where a verb writes without `transact`', () => {
    const file = 'shared/services/members/put.ts';
    const direct = 'export const drop = (deps: Deps) => deps.store.delete(members, "m");\n';
    expect(problemsWith(file, (text) => text + direct)).toEqual([
      expect.stringContaining("'members/put.ts drop: members' is changed without an audit entry"),
    ]);
    const own =
      'export const drop = ({ store }: Deps) => store.transaction(async (tx) => tx.put(members, "m", null));\n';
    expect(problemsWith(file, (text) => text + own)).toEqual([
      expect.stringContaining("'members/put.ts drop: any' is changed without an audit entry"),
    ]);
  });

  it('is not excused any more where one is written, or the verb is gone', () => {
    const renamed = (text: string): string => text.replaceAll('noteUse', 'notesUse');
    expect(problemsWith('shared/services/keys/authenticate.ts', renamed)).toEqual([
      expect.stringContaining("'keys/authenticate.ts notesUse: keys' is changed without"),
      "'keys/authenticate.ts noteUse: keys' is in NOT_AUDITED, and is audited or gone: remove that line.",
    ]);
  });
});
