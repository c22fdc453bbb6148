import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { googleCallers } from '#drivers/callers/google.ts';
import { admit } from '#platform/admission.ts';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/logger.ts';
import {
  CALLER_ROLES,
  CallerNotAllowed,
  CallerRefused,
  type CallerRole,
  type Callers,
  CallersUnavailable,
} from '#ports/callers.ts';
import { type ManualClock, manualClock } from '../../api/support/manual-clock.ts';
import { keptLog } from '../../api/support/function-server.ts';
import { type Claims, type GoogleAccounts, googleAccounts } from '../../support/google-accounts.ts';
import { callersConformance } from './suite.ts';

const AUDIENCE = 'https://worker-abc123.a.run.app';
const emailOf = (role: CallerRole): string => `${role}@acme.iam.gserviceaccount.com`;
const ACCOUNTS = CALLER_ROLES.map((role) => ({ role, email: emailOf(role) }));
const seconds = (): number => systemClock.now() / 1000;

const opened: GoogleAccounts[] = [];
afterAll(() => Promise.all(opened.map((google) => google.close())));

callersConformance('google', async () => {
  const google = await googleAccounts(seconds);
  opened.push(google);
  const { issuer, certsUrl } = google;
  const log = createLogger({ level: 'silent' });
  const callers = await googleCallers({
    audience: AUDIENCE,
    accounts: ACCOUNTS,
    issuer,
    certsUrl,
    clock: systemClock,
    log,
  });
  const authorization = async (role: CallerRole) => `Bearer ${google.token({ aud: AUDIENCE, email: emailOf(role) })}`;
  return { callers, authorization };
});

let google: GoogleAccounts;
let clock: ManualClock;
const { log, lines } = keptLog();
beforeEach(async () => {
  google = await googleAccounts(seconds);
  clock = manualClock();
  lines.length = 0;
});
afterEach(() => google.close());

const open = (): Promise<Callers> =>
  googleCallers({
    audience: AUDIENCE,
    accounts: ACCOUNTS,
    issuer: google.issuer,
    certsUrl: google.certsUrl,
    clock,
    log,
  });
const tokenOf = (claims: Claims = {}, header = {}): string =>
  google.token({ aud: AUDIENCE, email: emailOf('tasks'), ...claims }, header);
const outcome = (callers: Callers, token = tokenOf()): Promise<unknown> =>
  callers.verify({ authorization: `Bearer ${token}` }).catch((error: unknown) => error);
const TASKS = { role: 'tasks', account: emailOf('tasks') };
/** Moves the clock until the driver has given up a fetch that gets no answer. */
const afterTheLimit = async <T>(work: Promise<T>): Promise<T> => {
  let over = false;
  void work.finally(() => {
    over = true;
  });
  const before = google.fetches;
  while (!over) {
    await systemClock.sleep(5);
    if (google.fetches > before) clock.advance(5_000);
  }
  return work;
};

describe('a token of Google', () => {
  const now = Math.floor(seconds());
  const refused: readonly [string, Claims, RegExp][] = [
    ['that has expired', { iat: now - 7_200, exp: now - 3_600 }, /expired/],
    ['that is not valid yet', { iat: now + 3_600, exp: now + 7_200 }, /not valid yet/],
    ['that is valid for days', { exp: now + 100 * 3_600 }, /too long/],
    ['without an end', { exp: undefined }, /when it expires/],
    ['without a beginning', { iat: undefined }, /when it was made/],
    ['of another issuer', { iss: 'https://accounts.example.com' }, /issuer/],
    ['without an issuer', { iss: undefined }, /issuer/],
    ['for another audience', { aud: 'https://api-abc123.a.run.app' }, /audience/],
    ['for this audience with a slash', { aud: `${AUDIENCE}/` }, /audience/],
    ['for this audience with a path', { aud: `${AUDIENCE}/tasks/session.converge` }, /audience/],
    ['for this audience with a query', { aud: `${AUDIENCE}?x=1` }, /audience/],
    ['for this audience in capitals', { aud: AUDIENCE.toUpperCase() }, /audience/],
    ['for a list of audiences', { aud: [AUDIENCE] }, /audience/],
    ['for two audiences', { aud: [AUDIENCE, 'https://api-abc123.a.run.app'] }, /audience/],
    ['for two audiences in one text', { aud: `${AUDIENCE} https://api-abc123.a.run.app` }, /audience/],
    ['for something else', { aud: { url: AUDIENCE } }, /audience/],
    ['for an audience of nothing', { aud: null }, /audience/],
    ['for no audience', { aud: undefined }, /audience/],
    ['of an account that is not verified', { email_verified: false }, /not verified/],
    ['of an account that says so in a text', { email_verified: 'true' }, /not verified/],
    ['that does not say whether its account is verified', { email_verified: undefined }, /not verified/],
    ['without an account', { email: undefined }, /names no account/],
    ['with something else as its account', { email: [emailOf('tasks')] }, /names no account/],
  ];
  it.each(refused)('%s is refused, and says nothing of itself', async (_, claims, why) => {
    const callers = await open();
    const token = tokenOf(claims);
    const error = (await outcome(callers, token)) as Error;
    expect(error).toBeInstanceOf(CallerRefused);
    expect(error.message).toMatch(why);
    for (const part of token.split('.')) expect(JSON.stringify([error.message, lines])).not.toContain(part);
    expect(error.cause).toBeUndefined();
    // The same token with nothing wrong in it is accepted.
    expect(await outcome(callers)).toEqual(TASKS);
  });

  it('without a signature, or with that of another key, is refused', async () => {
    const callers = await open();
    const [head = '', body = '', signature = ''] = tokenOf().split('.');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    const other = await googleAccounts(seconds);
    const foreign = other.token({ iss: google.issuer, aud: AUDIENCE, email: emailOf('tasks') });
    await other.close();
    const wrong = [
      `${head}.${body}.`,
      `${unsigned}.${body}.`,
      `${unsigned}.${body}.${signature}`,
      tokenOf({}, { alg: 'none' }),
      tokenOf({}, { alg: 'HS256' }),
      tokenOf({}, { alg: 'ES256' }),
      google.forged({ aud: AUDIENCE, email: emailOf('tasks') }),
      tokenOf({}, { kid: undefined }),
      tokenOf({}, { kid: ['key-1'] }),
      tokenOf({ padding: 'x'.repeat(65_536) }),
      tokenOf({}, { padding: 'x'.repeat(65_536) }),
      tokenOf({}, { kid: '__proto__' }),
      foreign,
      `${head}.${body.slice(0, -3)}.${signature}`,
      'a.b.c',
    ];
    for (const token of wrong) {
      const error = await outcome(callers, token);
      expect(error, token).toBeInstanceOf(CallerRefused);
    }
    expect(await outcome(callers)).toEqual(TASKS);
  });

  it('is accepted by a clock that is a few minutes behind or ahead, and no more', async () => {
    const callers = await open();
    for (const [minutes, accepted] of [
      [-4, true],
      [-6, false],
      [4, true],
      [6, false],
    ] as const) {
      const made = now + minutes * 60;
      // Behind: it was made in the future. Ahead: it has ended already.
      const claims = minutes > 0 ? { iat: made, exp: made + 3_600 } : { iat: made - 3_600, exp: made };
      const answer = await outcome(callers, tokenOf(claims));
      if (accepted) expect(answer, `${minutes}`).toEqual(TASKS);
      else expect(answer, `${minutes}`).toBeInstanceOf(CallerRefused);
    }
  });

  it('is accepted by any case of its scheme, and not beside another', async () => {
    const callers = await open();
    const verify = (authorization: string) => callers.verify({ authorization }).catch((error: unknown) => error);
    for (const scheme of ['bearer', 'BEARER']) expect(await verify(`${scheme} ${tokenOf()}`)).toEqual(TASKS);
    // As HTTP joins a header that comes twice.
    for (const other of [`Bearer ${tokenOf()}`, 'Basic eDp5', tokenOf(), ''])
      for (const pair of [
        [`Bearer ${tokenOf()}`, other],
        [other, `Bearer ${tokenOf()}`],
      ])
        expect(await verify(pair.join(', '))).toBeInstanceOf(CallerRefused);
    for (const odd of [` Bearer ${tokenOf()}`, `Bearer  ${tokenOf()}`, `Bearer\t${tokenOf()}`, `Bearer ${tokenOf()}\n`])
      expect(await verify(odd)).toBeInstanceOf(CallerRefused);
  });

  it('of Google itself is accepted in both of its forms, and not by a deployment with another issuer', async () => {
    const { certsUrl } = google;
    const callers = await googleCallers({ audience: AUDIENCE, accounts: ACCOUNTS, certsUrl, clock, log });
    for (const iss of ['https://accounts.google.com', 'accounts.google.com'])
      expect(await outcome(callers, tokenOf({ iss }))).toEqual(TASKS);
    for (const iss of [google.issuer, 'http://accounts.google.com', 'https://accounts.google.com/'])
      expect(await outcome(callers, tokenOf({ iss }))).toBeInstanceOf(CallerRefused);
    expect(await outcome(await open(), tokenOf({ iss: 'https://accounts.google.com' }))).toBeInstanceOf(CallerRefused);
  });

  it('of another account is told so, and each account has its own paths alone', async () => {
    const callers = await open();
    const at = (email: string, role: CallerRole) =>
      admit(callers, role, `Bearer ${tokenOf({ email })}`).then(({ status }) => status);
    const stranger = 'mallory@evil.iam.gserviceaccount.com';
    expect(await outcome(callers, tokenOf({ email: stranger }))).toBeInstanceOf(CallerNotAllowed);
    for (const role of CALLER_ROLES) {
      expect(await at(stranger, role)).toBe(403);
      expect(await at(emailOf(role).toUpperCase(), role)).toBe(403);
      expect(await at(`${emailOf(role)}.evil.com`, role)).toBe(403);
      for (const other of CALLER_ROLES) expect(await at(emailOf(other), role)).toBe(other === role ? 200 : 403);
    }
    expect(await admit(callers, 'tasks', `Bearer ${tokenOf({ email_verified: false })}`)).toMatchObject({
      status: 401,
    });
  });
});

describe('the keys', () => {
  it.each(['pem', 'jwk'] as const)('are fetched once, at the start, as %s', async (form) => {
    google.form = form;
    const callers = await open();
    expect(google.fetches).toBe(1);
    for (let i = 0; i < 5; i++) expect(await outcome(callers)).toEqual(TASKS);
    expect(google.fetches).toBe(1);
  });

  it('are fetched again when they are old, once for all who ask meanwhile', async () => {
    google.maxAge = 600;
    const callers = await open();
    clock.advance(599_000);
    expect(await outcome(callers)).toEqual(TASKS);
    expect(google.fetches).toBe(1);
    clock.advance(2_000);
    google.answer = 'slow';
    const asked = Array.from({ length: 20 }, () => outcome(callers));
    await expect.poll(() => google.fetches).toBe(2);
    google.release();
    expect(await Promise.all(asked)).toEqual(asked.map(() => TASKS));
    expect(google.fetches).toBe(2);
  });

  it('that are new are known at once', async () => {
    const callers = await open();
    google.rotate();
    expect(await outcome(callers)).toEqual(TASKS);
    expect(google.fetches).toBe(2);
  });

  it('that are not known are looked for once a minute', async () => {
    const callers = await open();
    // Unsigned: what comes before the signature decides.
    const [, body = ''] = tokenOf().split('.');
    let made = 0;
    const unknown = () => {
      const head = Buffer.from(JSON.stringify({ alg: 'RS256', kid: `made-up-${++made}` })).toString('base64url');
      return outcome(callers, `${head}.${body}.AAAA`);
    };
    expect(await Promise.all(Array.from({ length: 2_000 }, unknown))).toEqual(
      Array.from({ length: 2_000 }, () => expect.any(CallerRefused)),
    );
    expect(google.fetches).toBe(2);
    clock.advance(59_000);
    expect(await unknown()).toBeInstanceOf(CallerRefused);
    expect(google.fetches).toBe(2);
    clock.advance(2_000);
    expect(await unknown()).toBeInstanceOf(CallerRefused);
    expect(google.fetches).toBe(3);
  });

  it('that were taken out are not honoured any more', async () => {
    google.maxAge = 600;
    const callers = await open();
    const old = tokenOf();
    google.rotate(false);
    expect(await outcome(callers, tokenOf())).toEqual(TASKS);
    expect(await outcome(callers, old)).toBeInstanceOf(CallerRefused);
  });

  it.each(['slow', 'error', 'nonsense', 'none'] as const)(
    'stay in use while their server is %s, and a caller with a new one comes again',
    async (trouble) => {
      google.maxAge = 600;
      const callers = await open();
      const old = tokenOf();
      google.answer = trouble;
      clock.advance(601_000);
      expect(await afterTheLimit(outcome(callers, old))).toEqual(TASKS);
      expect(lines).toMatchObject([{ level: 'warn', message: 'the keys of callers could not be fetched', keys: 1 }]);
      // It is not asked again for a minute.
      const before = google.fetches;
      expect(await outcome(callers, old)).toEqual(TASKS);
      expect(google.fetches).toBe(before);
      google.rotate();
      expect(await afterTheLimit(outcome(callers, tokenOf()))).toBeInstanceOf(CallersUnavailable);
      expect(await admit(callers, 'tasks', `Bearer ${tokenOf()}`)).toMatchObject({ status: 503 });
      google.release();
      clock.advance(61_000);
      expect(await outcome(callers, tokenOf())).toEqual(TASKS);
    },
  );

  const nothing: readonly [string, NonNullable<GoogleAccounts['instead']>][] = [
    ['with nothing new', { status: 304, body: '' }],
    ['with nothing at all', { status: 204, body: '' }],
    ['with an error of its own', { status: 503, body: '{"error": {"code": 503}}' }],
    ['with an error that says it is none', { status: 200, body: '{"error": {"code": 503}}' }],
    ['with a page', { status: 200, body: '<!doctype html><title>Sign in</title>' }],
    ['with another address', { status: 302, body: '', headers: { location: '/other' } }],
    ['with no keys', { status: 200, body: '{"keys": []}' }],
    ['with a list', { status: 200, body: '[]' }],
    ['with null', { status: 200, body: 'null' }],
    ['with half of an answer', { status: 200, body: '{"keys": [{"kty": "RS' }],
    ['with keys that can’t be read', { status: 200, body: '{"keys": [{"kid": "key-1"}, null, 7, "x"]}' }],
    ['with keys without a name', { status: 200, body: '{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}' }],
    [
      'with certificates that are none',
      { status: 200, body: '{"key-1": "-----BEGIN CERTIFICATE-----", "key-2": null}' },
    ],
  ];
  it.each(nothing)('stay in use while their server answers %s', async (_, instead) => {
    google.maxAge = 600;
    google.form = 'jwk';
    const callers = await open();
    google.instead = instead;
    clock.advance(601_000);
    expect(await outcome(callers)).toEqual(TASKS);
    expect(google.fetches).toBe(2);
    expect(lines).toMatchObject([{ level: 'warn', message: 'the keys of callers could not be fetched', keys: 1 }]);
    google.instead = null;
    google.rotate(false);
    clock.advance(61_000);
    expect(await outcome(callers)).toEqual(TASKS);
  });

  it('are known although others beside them can’t be read', async () => {
    google.form = 'jwk';
    const others = [
      { kty: 'OKP', crv: 'X9', x: 'AA', kid: 'new' },
      { kty: 'oct', k: 'AA', kid: 'secret' },
      null,
      'x',
      {},
    ];
    google.others = [...others, { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 7 }];
    const callers = await open();
    expect(await outcome(callers)).toEqual(TASKS);
    for (const kid of ['undefined', 'new', 'secret', '7', 7])
      expect(await outcome(callers, tokenOf({}, { kid }))).toBeInstanceOf(CallerRefused);
  });

  it('of a server that is dead at the start make callers come again, until it lives', async () => {
    const port = Number(new URL(google.issuer).port);
    await google.close();
    const callers = await open();
    expect(await outcome(callers)).toBeInstanceOf(CallersUnavailable);
    google = await googleAccounts(seconds, port);
    // It is asked again after a second, not at each call.
    expect(await outcome(callers)).toBeInstanceOf(CallersUnavailable);
    expect(google.fetches).toBe(0);
    clock.advance(1_001);
    expect(await outcome(callers)).toEqual(TASKS);
  });

  it('of a server that does not answer at the start hold it up for 5 s', async () => {
    google.answer = 'slow';
    const callers = await afterTheLimit(open());
    expect(await afterTheLimit(outcome(callers))).toBeInstanceOf(CallersUnavailable);
    google.release();
    clock.advance(1_001);
    expect(await outcome(callers)).toEqual(TASKS);
  });
});

it.each([
  ['no audience', { audience: '' }],
  ['an audience with a slash', { audience: `${AUDIENCE}/` }],
  ['an audience with a path', { audience: `${AUDIENCE}/tasks` }],
  ['an audience that is no address', { audience: 'worker' }],
  ['no account', { accounts: [] }],
  ['an empty account', { accounts: [{ role: 'tasks', email: '' }] }],
  ['one account for two callers', { accounts: CALLER_ROLES.map((role) => ({ role, email: emailOf('tasks') })) }],
  [
    'two accounts for one caller',
    { accounts: CALLER_ROLES.map((r) => ({ role: 'tasks' as const, email: emailOf(r) })) },
  ],
] as const)('does not open with %s', async (_, wrong) => {
  const { issuer, certsUrl } = google;
  await expect(
    googleCallers({ audience: AUDIENCE, accounts: ACCOUNTS, issuer, certsUrl, clock, log, ...wrong }),
  ).rejects.toThrow(TypeError);
  expect(google.fetches).toBe(0);
});
