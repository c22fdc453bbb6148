/**
 * Takes the place of Eventarc. The emulator posts an event for each document that is created; this passes it on to the
 * worker as Eventarc does: with a token, as protobuf, at least once, and again where the worker did not take it.
 */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { eventOf, type PassedOn, passOn } from './eventarc.ts';
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

const to: PassedOn = {
  worker,
  token: () => tokenOf(pages, account, audience),
  tell: (line) => console.log(line),
};
const server = createServer(async (request, response) => {
  const event = await eventOf(request);
  // The emulator waits for no one, and sends an event once.
  response.end();
  await pause(delayMs);
  await Promise.all([passOn(event, to), ...(values.duplicates ? [passOn(event, to)] : [])]);
});
server.listen(Number(port), '127.0.0.1', () => console.log('serving'));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
