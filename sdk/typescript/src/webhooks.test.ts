import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { InvalidSignature, verifyWebhook } from './index.ts';

// The example of the Standard Webhooks specification, by which other libraries are tested as well.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"type":"webhook.test","timestamp":"2026-01-01T00:00:00.000Z","data":{"é":1}}';

const sign = (secret: string, at: number, body = BODY, id = 'evt-1') => {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${mac}` };
};
const now = (): number => Math.floor(Date.now() / 1000);
const fails = async (run: Promise<unknown>): Promise<string> => {
  const error = await run.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidSignature);
  return (error as Error).message;
};

it('knows the signature of the specification’s example', async () => {
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const toleranceS = Number.POSITIVE_INFINITY;
  expect(await verifyWebhook(SECRET, headers, '{"test": 2432232314}', { toleranceS })).toMatchObject({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  });
});

it('takes what the secret has signed, with headers in any form', async () => {
  const headers = sign(SECRET, now());
  const message = { id: 'evt-1', type: 'webhook.test', timestamp: '2026-01-01T00:00:00.000Z', data: { é: 1 } };
  expect(await verifyWebhook(SECRET, headers, BODY)).toEqual(message);
  expect(await verifyWebhook(SECRET, new Headers(headers), new TextEncoder().encode(BODY))).toEqual(message);
  const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
  expect(await verifyWebhook(SECRET, upper, BODY)).toEqual(message);
  // While a secret is replaced, a message has two signatures.
  const two = { ...headers, 'webhook-signature': `v1,AAAA v2,xx ${headers['webhook-signature']}` };
  expect(await verifyWebhook(SECRET, two, BODY)).toEqual(message);
});

it('refuses what is changed, old, or by another secret', async () => {
  const headers = sign(SECRET, now());
  const other = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
  expect(await fails(verifyWebhook(other, headers, BODY))).toMatch(/not by this secret/);
  expect(await fails(verifyWebhook(SECRET, headers, `${BODY} `))).toMatch(/not by this secret/);
  expect(await fails(verifyWebhook(SECRET, { ...headers, 'webhook-id': 'evt-2' }, BODY))).toMatch(/not by/);
  for (const signature of ['v1,', 'v1', 'v1,!', 'v2,AAAA'])
    expect(await fails(verifyWebhook(SECRET, { ...headers, 'webhook-signature': signature }, BODY))).toMatch(/not by/);
  for (const at of [now() - 301, now() + 302])
    expect(await fails(verifyWebhook(SECRET, sign(SECRET, at), BODY))).toMatch(/too old/);
  expect(await fails(verifyWebhook(SECRET, { ...headers, 'webhook-timestamp': '' }, BODY))).toMatch(/headers/);
  expect(await fails(verifyWebhook('', headers, BODY))).toMatch(/secret/);
});
