import { lookup } from 'node:dns/promises';
import { type ClientRequest, type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from '#ports/clock.ts';
import type { Outbound, OutboundError, OutboundMessage, OutboundResult } from '#ports/outbound.ts';
import { type Judge, judgeOf } from './addresses.ts';

/** Every address of a name, in the order in which they are tried. */
type Resolve = (name: string) => Promise<readonly string[]>;

export interface CheckedPostOptions {
  readonly clock: Clock;
  /** Networks to which messages may go though they are not on the internet; there `http:` is allowed too. */
  readonly allowed: readonly string[];
  readonly resolve?: Resolve;
  /** Certificates of authorities that are trusted besides the well-known ones. */
  readonly ca?: string;
}

/** Tries under way in a process: a few slow receivers must not hold up every other task. */
const MOST_AT_ONCE = 16;

const systemResolve: Resolve = async (name) =>
  (await lookup(name, { all: true, order: 'ipv4first' })).map(({ address }) => address);

/** Errors of a connection that was not made: another address of the name may answer. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
const TLS = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|ERR_OSSL|EPROTO)/;

class Failed extends Error {
  readonly result: OutboundResult;
  constructor(error: OutboundError) {
    super(error);
    this.result = { status: null, error };
  }
}

/** A name without the brackets of an address of IPv6. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** @param anyAllowed whether the operator allows any address beside the internet */
const refusalOf = (text: string, judge: Judge, anyAllowed: boolean): string | null => {
  const url = URL.parse(text);
  if (url === null) return 'is not an address such as https://example.com/hook';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'begins with https://';
  if (url.username !== '' || url.password !== '') return 'must not contain a user or password';
  const host = hostOf(url);
  const known = isIP(host) === 0 ? null : judge(host);
  if (known === 'refused')
    return 'leads to an address that is not on the internet. The operator of the server can allow it (ONMEMOS_WEBHOOK_ALLOW)';
  if (url.protocol === 'http:' && (known === 'public' || !anyAllowed)) return 'begins with https://';
  return null;
};

const resultOf = (status: number): OutboundResult => {
  if (status >= 200 && status < 300) return { status, error: null };
  return { status, error: status >= 300 && status < 400 ? 'redirect' : 'status' };
};

/** Sends to exactly this address, under the name of the URL: in the Host header, and in TLS. */
const send = (url: URL, address: string, message: OutboundMessage, ca: string | undefined, signal: AbortSignal) =>
  new Promise<OutboundResult>((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const name = hostOf(url);
    const options: RequestOptions & { servername?: string; ca?: string } = {
      method: 'POST',
      host: address,
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      path: `${url.pathname}${url.search}`,
      headers: { ...message.headers, host: url.host, 'content-length': String(Buffer.byteLength(message.body)) },
      setHost: false,
      // A connection for this message alone: none that was opened to another address is used again.
      agent: false,
      signal,
      ...(secure ? { servername: isIP(name) === 0 ? name : '', ...(ca === undefined ? {} : { ca }) } : {}),
    };
    const answered = (response: IncomingMessage): void => {
      // Nothing of the body is read.
      response.destroy();
      resolve(resultOf(response.statusCode ?? 0));
    };
    const sent: ClientRequest = secure ? requestHttps(options, answered) : requestHttp(options, answered);
    sent.on('error', reject);
    sent.end(message.body);
  });

/** Sends over HTTP and HTTPS. The name is asked for once; the addresses that were checked are those that are dialled. */
export const checkedPost = ({ clock, allowed, resolve = systemResolve, ca }: CheckedPostOptions): Outbound => {
  const judge = judgeOf(allowed);
  const refusal = (url: string): string | null => refusalOf(url, judge, allowed.length > 0);
  let underWay = 0;

  const addressesOf = async (url: URL): Promise<readonly string[]> => {
    const host = hostOf(url);
    const found = isIP(host) === 0 ? await resolve(host).catch(() => []) : [host];
    if (found.length === 0) throw new Failed('name_not_found');
    const verdicts = found.map(judge);
    const refused = verdicts.includes('refused');
    if (refused || (url.protocol === 'http:' && verdicts.includes('public'))) throw new Failed('address_refused');
    return found;
  };

  const attempt = async (message: OutboundMessage, signal: AbortSignal): Promise<OutboundResult> => {
    if (refusal(message.url) !== null) throw new Failed('address_refused');
    const url = new URL(message.url);
    const addresses = await addressesOf(url);
    for (const [i, address] of addresses.entries()) {
      signal.throwIfAborted();
      try {
        return await send(url, address, message, ca, signal);
      } catch (error) {
        if (i === addresses.length - 1 || !NOT_CONNECTED.has(codeOf(error))) throw error;
      }
    }
    throw new Failed('no_connection');
  };

  const within = async (message: OutboundMessage): Promise<OutboundResult> => {
    const late = new AbortController();
    const over = Promise.withResolvers<never>();
    const timer = clock.timer(message.timeout_ms, () => {
      late.abort();
      over.reject(new Failed('timeout'));
    });
    try {
      return await Promise.race([attempt(message, late.signal), over.promise]);
    } catch (error) {
      if (error instanceof Failed) return error.result;
      return { status: null, error: TLS.test(codeOf(error)) ? 'tls' : 'no_connection' };
    } finally {
      timer.cancel();
    }
  };

  return {
    refusal,
    post: async (message) => {
      if (underWay >= MOST_AT_ONCE) return null;
      underWay += 1;
      try {
        return await within(message);
      } finally {
        underWay -= 1;
      }
    },
  };
};
