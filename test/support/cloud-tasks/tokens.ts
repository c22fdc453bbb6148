import { createHash, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { certificateOf } from '../certificate.ts';

export interface Claims {
  readonly iss: string;
  readonly aud: string;
  readonly azp: string;
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
  /** Seconds. */
  readonly iat: number;
  readonly exp: number;
}

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly certificate: string;
}

const LIFE_SECONDS = 3600;
/** A token is handed out again for so long. */
const REUSED_MS = 60_000;

const signingKey = async (): Promise<SigningKey> => {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { kid: randomBytes(20).toString('hex'), ...pair, certificate: certificateOf('federated-signon.test', pair) };
};

/** The first key of every server in this process: to make one takes a tenth of a second of computing. */
let first: Promise<SigningKey> | null = null;
const firstKey = (): Promise<SigningKey> => {
  first ??= signingKey();
  return first;
};

const json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The number of an account, as Google has one for each. */
const numberOf = (email: string): string =>
  BigInt(`0x${createHash('sha256').update(email).digest('hex').slice(0, 17)}`)
    .toString()
    .padStart(21, '1')
    .slice(0, 21);

/** Issues OIDC tokens as Google does for a service account, by a key of its own. */
export class Tokens {
  readonly issuer: string;
  readonly #ready = new Map<string, { readonly token: string; readonly until: number }>();
  #keys: SigningKey[];

  private constructor(issuer: string, keys: SigningKey[]) {
    this.issuer = issuer;
    this.#keys = keys;
  }

  static async create(issuer: string): Promise<Tokens> {
    return new Tokens(issuer, [await firstKey()]);
  }

  /** The token of a delivery. */
  of(email: string, audience: string): string {
    const key = JSON.stringify([email, audience]);
    const known = this.#ready.get(key);
    if (known && known.until > Date.now()) return known.token;
    const token = this.issue(email, audience);
    this.#ready.set(key, { token, until: Date.now() + REUSED_MS });
    return token;
  }

  /** A new token. A test may change its claims, which makes it wrong. */
  issue(email: string, audience: string, changed: Partial<Claims> = {}): string {
    const [key] = this.#keys;
    if (!key) throw new Error('there is no key');
    const iat = Math.floor(Date.now() / 1000);
    const id = numberOf(email);
    const claims: Claims = {
      ...{
        iss: this.issuer,
        aud: audience,
        azp: id,
        sub: id,
        email,
        email_verified: true,
        iat,
        exp: iat + LIFE_SECONDS,
      },
      ...changed,
    };
    const signed = `${json({ alg: 'RS256', kid: key.kid, typ: 'JWT' })}.${json(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url')}`;
  }

  /** A new key signs from now on. The documents still list the one before it. */
  async rotate(): Promise<void> {
    this.#keys = [await signingKey(), ...this.#keys.slice(0, 1)];
    this.#ready.clear();
  }

  /** What `https://www.googleapis.com/oauth2/v1/certs` answers: certificates by key id. */
  certificates(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#keys.map(({ kid, certificate }) => [kid, certificate]));
  }

  /** What `https://www.googleapis.com/oauth2/v3/certs` answers: a set of JSON web keys. */
  keySet(): { readonly keys: readonly object[] } {
    const keys = this.#keys.map(({ kid, publicKey }) => ({
      ...publicKey.export({ format: 'jwk' }),
      ...{ kid, alg: 'RS256', use: 'sig' },
    }));
    return { keys };
  }
}
