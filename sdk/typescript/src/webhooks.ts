import { OnMemOSError } from './errors.ts';

/** A message that a webhook has received and that is from the server. */
export interface WebhookMessage {
  /** The same for each try: a receiver that has seen it has nothing more to do. */
  readonly id: string;
  /** The kind of the notice, or `webhook.test`. */
  readonly type: string;
  /** When it happened. */
  readonly timestamp: string;
  /** The entry of the audit log. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Options of {@link verifyWebhook}. */
export interface VerifyOptions {
  /** Seconds that the message may be old, or that its sender’s clock may be ahead (default: 300). */
  readonly toleranceS?: number;
}

/** The message is not from the server, or it is too old. */
export class InvalidSignature extends OnMemOSError {
  constructor(message: string) {
    super({ code: 'invalid_signature', message });
  }
}

type Headers = { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;

const headerOf = (headers: Headers, name: string): string => {
  if (typeof headers.get === 'function') return (headers as { get(name: string): string | null }).get(name) ?? '';
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === 'string' ? found : '';
};

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> | null => {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
};

/**
 * Checks the signature of a message, in the form of Standard Webhooks, in constant time.
 * @param body the body as it came, before it is parsed
 * @throws InvalidSignature
 */
export const verifyWebhook = async (
  secret: string,
  headers: Headers,
  body: string | Uint8Array,
  options: VerifyOptions = {},
): Promise<WebhookMessage> => {
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const [id, at, given] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(headers, name),
  ) as [string, string, string];
  if (id === '' || given === '' || !/^\d{1,12}$/.test(at))
    throw new InvalidSignature('The headers webhook-id, webhook-timestamp and webhook-signature are not all there.');
  if (Math.abs(Date.now() / 1000 - Number(at)) > (options.toleranceS ?? 300))
    throw new InvalidSignature('The message is too old, or this clock is wrong.');
  const raw = bytesOf(secret.replace(/^whsec_/, ''));
  if (raw === null || raw.length === 0) throw new InvalidSignature('The secret is not that of a webhook (whsec_…).');
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  const signed = new TextEncoder().encode(`${id}.${at}.${text}`);
  for (const one of given.split(' ')) {
    const [version, signature = ''] = one.split(',');
    const mac = version === 'v1' ? bytesOf(signature) : null;
    // Compares in constant time.
    if (mac !== null && (await crypto.subtle.verify('HMAC', key, mac, signed)))
      return { id, ...(JSON.parse(text) as Omit<WebhookMessage, 'id'>) };
  }
  throw new InvalidSignature('The signature is not by this secret.');
};
