import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Claims {
  readonly iss?: unknown;
  readonly aud?: unknown;
  readonly email?: unknown;
  readonly email_verified?: unknown;
  /** More of it makes a longer token. */
  readonly padding?: string;
  readonly iat?: unknown;
  readonly exp?: unknown;
}

/** An issuer of OIDC tokens as Google is one, with keys of its own that it serves on this machine. */
export interface GoogleAccounts {
  readonly issuer: string;
  readonly certsUrl: string;
  /** How often the keys were asked for. */
  readonly fetches: number;
  /** `slow` accepts a request and answers when `release` is called. */
  answer: 'keys' | 'slow' | 'error' | 'nonsense' | 'none';
  /** The form in which the keys are served: as Google's certificates are, or as a set of JSON Web Keys. */
  form: 'pem' | 'jwk';
  /** Besides the keys in form of a set. */
  others: readonly unknown[];
  /** Sent instead of the keys, as long as it is set. */
  instead: {
    readonly status: number;
    readonly body: string;
    readonly headers?: Readonly<Record<string, string>>;
  } | null;
  maxAge: number | null;
  /** Answers the requests that wait. */
  release(): void;
  /** From now on another key signs, and `keep` says whether the earlier one is still served. */
  rotate(keep?: boolean): void;
  /** A token by the present key. Claims that are undefined are left out. */
  token(claims: Claims, header?: Readonly<Record<string, unknown>>): string;
  /** The same signed by HMAC, whose secret is the text of the public key. */
  forged(claims: Claims): string;
  close(): Promise<void>;
}

interface Signer {
  readonly kid: string;
  readonly secret: KeyObject;
  readonly open: KeyObject;
}

/** Pairs of accounts that were closed: to make one takes a tenth of a second. */
const spare: Pick<Signer, 'secret' | 'open'>[] = [];
const newPair = (): Pick<Signer, 'secret' | 'open'> => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { secret: privateKey, open: publicKey };
};

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** @param seconds the time by which tokens are made, epoch seconds */
export const googleAccounts = async (seconds: () => number, port = 0): Promise<GoogleAccounts> => {
  const made: Signer[] = [];
  const newSigner = (): Signer => {
    const one = { ...(spare.pop() ?? newPair()), kid: `key-${made.length + 1}` };
    made.push(one);
    return one;
  };
  let signer = newSigner();
  let served: readonly Signer[] = [signer];
  let fetches = 0;
  const waiting = new Set<ServerResponse>();

  const body = (): unknown =>
    accounts.form === 'jwk'
      ? {
          keys: [
            ...accounts.others,
            ...served.map(({ kid, open }) => ({ ...open.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' })),
          ],
        }
      : Object.fromEntries(served.map(({ kid, open }) => [kid, open.export({ type: 'spki', format: 'pem' })]));
  const send = (response: ServerResponse): void => {
    const { answer, instead, maxAge } = accounts;
    if (instead !== null) {
      response.writeHead(instead.status, instead.headers);
      response.end(instead.body);
      return;
    }
    const age = maxAge === null ? {} : { 'cache-control': `public, max-age=${maxAge}, must-revalidate` };
    response.writeHead(answer === 'error' ? 500 : 200, { 'content-type': 'application/json', ...age });
    response.end(answer === 'nonsense' ? '<html>' : JSON.stringify(answer === 'none' ? {} : body()));
  };
  const server: Server = createServer((_request, response) => {
    fetches++;
    if (accounts.answer === 'slow') waiting.add(response);
    else send(response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const unsigned = (claims: Claims, header: Readonly<Record<string, unknown>>): string => {
    const now = Math.floor(seconds());
    const usual = { iss: url, iat: now, exp: now + 3_600, email_verified: true, sub: '1', azp: '1' };
    return [encoded({ kid: signer.kid, typ: 'JWT', ...header }), encoded({ ...usual, ...claims })].join('.');
  };

  const accounts: GoogleAccounts = {
    issuer: url,
    certsUrl: `${url}/certs`,
    get fetches() {
      return fetches;
    },
    answer: 'keys',
    form: 'pem',
    others: [],
    instead: null,
    maxAge: 3_600,
    release: () => {
      accounts.answer = 'keys';
      for (const response of waiting) send(response);
      waiting.clear();
    },
    rotate: (keep = true) => {
      const before = served;
      signer = newSigner();
      served = keep ? [...before, signer] : [signer];
    },
    token: (claims, header = {}) => {
      const signed = unsigned(claims, { alg: 'RS256', ...header });
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(signer.secret, 'base64url')}`;
    },
    forged: (claims) => {
      const signed = unsigned(claims, { alg: 'HS256' });
      const secret = signer.open.export({ type: 'spki', format: 'pem' });
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    },
    close: () =>
      new Promise((resolve) => {
        spare.push(...made.splice(0));
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return accounts;
};
