import { type Caller, CallerNotAllowed, CallerRefused, type CallerRole, type Callers } from '#ports/callers.ts';
import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import { signingKeys } from './google-keys.ts';

export interface GoogleCallersOptions {
  /** The address of this service, such as `https://worker-abc.a.run.app`: what callers have their tokens made for. */
  readonly audience: string;
  /** The one account that calls in each role. */
  readonly accounts: readonly { readonly role: CallerRole; readonly email: string }[];
  /** Who makes the tokens; Google unless a test says otherwise. */
  readonly issuer?: string;
  /** Where the issuer publishes its keys. */
  readonly certsUrl?: string;
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>;
  readonly log: Logger;
}

/** Google writes itself in both ways. */
const GOOGLE = ['https://accounts.google.com', 'accounts.google.com'];
const GOOGLE_KEYS = 'https://www.googleapis.com/oauth2/v1/certs';

/** A token of Google has about 1,000 characters. */
const MOST_TOKEN_CHARACTERS = 8_192;
const BEARER = /^Bearer ([\w-]+)\.[\w-]+\.[\w-]+$/i;

/** What the library found, by how its message begins. The rest of its messages holds the token. */
const FINDINGS: readonly (readonly [string, string])[] = [
  ['Invalid token signature', 'its signature is not right'],
  ['Token used too late', 'it has expired'],
  ['Token used too early', 'it is not valid yet'],
  ['Expiration time too far in future', 'it is valid for too long'],
  ['No expiration time', 'it does not say when it expires'],
  ['No issue time', 'it does not say when it was made'],
  ['Invalid issuer', 'another issuer made it'],
  ['Wrong recipient', 'it was made for another audience'],
];

/**
 * Callers of Google Cloud, by the OIDC token that Cloud Tasks, Eventarc and Cloud Scheduler send: its signature, issuer,
 * audience and age, and the account that it was made for. Anyone can have Google make a token for any audience, so the
 * account decides.
 * @throws TypeError for settings that would let others in
 */
export const googleCallers = async (options: GoogleCallersOptions): Promise<Callers> => {
  const { audience, issuer, certsUrl = GOOGLE_KEYS, clock, log } = options;
  const accounts = checkedAccounts(audience, options.accounts);
  const issuers = issuer === undefined ? GOOGLE : [issuer];
  const keys = signingKeys({ url: certsUrl, clock, log });
  const [{ OAuth2Client }] = await Promise.all([import('google-auth-library'), keys.warm()]);
  const library = new OAuth2Client();

  /** The claims of a token whose signature, issuer, audience and age are right. @throws CallerRefused */
  const claimsOf = async (token: string, keyId: string, key: string) => {
    try {
      const ticket = await library.verifySignedJwtWithCertsAsync(token, { [keyId]: key }, audience, [...issuers]);
      return ticket.getPayload();
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      const found = FINDINGS.find(([beginning]) => message.startsWith(beginning))?.[1];
      throw new CallerRefused(`the token is refused: ${found ?? 'it can’t be read'}`);
    }
  };

  return {
    verify: async ({ authorization }): Promise<Caller> => {
      if (authorization === null) throw new CallerRefused('there is no Authorization header');
      const head = authorization.length > MOST_TOKEN_CHARACTERS ? undefined : BEARER.exec(authorization)?.[1];
      if (head === undefined) throw new CallerRefused('the Authorization header has no signed token');
      const { alg, kid } = headerOf(head);
      if (alg !== 'RS256' || typeof kid !== 'string')
        throw new CallerRefused('the token is refused: it is not signed as Google signs');
      const key = await keys.find(kid);
      if (key === null) throw new CallerRefused('the token is refused: no key of the issuer signed it');
      const claims = await claimsOf(authorization.slice(authorization.indexOf(' ') + 1), kid, key);
      const { email, email_verified } = claims ?? {};
      if (typeof email !== 'string') throw new CallerRefused('the token is refused: it names no account');
      if (email_verified !== true) throw new CallerRefused('the token is refused: its account is not verified');
      const role = accounts.get(email);
      if (role === undefined) throw new CallerNotAllowed(`${email.slice(0, 200)} is no caller of this deployment`);
      return { role, account: email };
    },
  };
};

const checkedAccounts = (
  audience: string,
  accounts: GoogleCallersOptions['accounts'],
): ReadonlyMap<string, CallerRole> => {
  if (URL.parse(audience)?.origin !== audience)
    throw new TypeError('the audience must be an address without a path and without a slash at its end');
  if (accounts.length === 0 || accounts.some(({ email }) => !/^[^\s@]+@[^\s@]+$/.test(email)))
    throw new TypeError('each caller must be named by the mail address of its account');
  const roles = new Map(accounts.map(({ role, email }) => [email, role]));
  if (roles.size < accounts.length || new Set(roles.values()).size < roles.size)
    throw new TypeError('each caller must have one account of its own');
  return roles;
};

const headerOf = (segment: string): { readonly alg?: unknown; readonly kid?: unknown } => {
  try {
    const header: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    return typeof header === 'object' && header !== null ? header : {};
  } catch {
    return {};
  }
};
