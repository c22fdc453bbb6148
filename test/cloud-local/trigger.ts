/**
 * Takes the place of Eventarc. The emulator posts an event for each document that is created; this passes it on to the
 * worker as Eventarc does: with a token, as protobuf, at least once, and again where the worker did not take it.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { tokenOf } from './tokens.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    port: text,
    worker: text,
    audience: text,
    account: text,
    pages: text,
    duplicates: { type: 'boolean', default: false },
    'delay-ms': text,
  },
});
const { port, worker, audience, account, pages } = values;
if (!port || !worker || !audience || !account || !pages) {
  console.error(
    'usage: trigger.ts --port N --worker URL --audience URL --account EMAIL --pages URL [--duplicates] [--delay-ms N]',
  );
  process.exit(2);
}
const delayMs = Number(values['delay-ms'] ?? 0);

/** Eventarc's subscription keeps an event for a day; a test is over sooner. */
const TRIES = 100;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

const send = async (headers: Headers, body: Buffer): Promise<void> => {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      headers.set('authorization', `Bearer ${await tokenOf(pages, account, audience)}`);
      const { status } = await fetch(`${worker}/events/intents`, { method: 'POST', headers, body });
      console.log(`${headers.get('ce-document')}: the worker answered ${status}`);
      if (status < 300) return;
    } catch (error) {
      console.log(`the worker was not reached: ${String(error)}`);
    }
    await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries));
  }
};

const server = createServer(async (request, response) => {
  const raw = await bodyOf(request);
  // The emulator waits for no one, and sends an event once.
  response.end();
  const headers = new Headers({ 'content-type': 'application/protobuf', 'user-agent': 'Google-Cloud-Eventarc' });
  for (const [name, value] of Object.entries(request.headers))
    if (name.startsWith('ce-')) headers.set(name, String(value));
  // The emulator writes the message as base64.
  const body = Buffer.from(raw.toString('latin1'), 'base64');
  await pause(delayMs);
  await Promise.all([send(headers, body), ...(values.duplicates ? [send(new Headers(headers), body)] : [])]);
});
server.listen(Number(port), '127.0.0.1', () => console.log('serving'));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
