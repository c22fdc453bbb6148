import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** Eventarc's subscription keeps an event for a day; a test is over sooner. */
const TRIES = 100;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** An event that is not answered by then is sent again. */
const ANSWERED_WITHIN_MS = 10_000;

/** An event as Eventarc sends it. */
interface Event {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface PassedOn {
  /** Address of the worker. */
  readonly worker: string;
  readonly token: () => Promise<string>;
  readonly tell: (line: string) => void;
  /** Whether an event that the worker did not take is still to be sent again. */
  readonly goesOn?: () => boolean;
}

/** Tells the emulator to post an event for each document of `intents` that is created. */
export const registerTrigger = async (host: string, project: string): Promise<void> => {
  const url = `http://${host}/emulator/v1/projects/${project}/eventarcTrigger?eventarcTriggerId=intents`;
  const body = {
    eventType: 'google.cloud.firestore.document.v1.created',
    database: '(default)',
    document: { value: 'intents/{id}', matchType: 'PATH_PATTERN' },
  };
  const headers = { authorization: 'Bearer owner', 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`the emulator takes no trigger: ${answer.status} ${await answer.text()}`);
};

/** What the emulator posts, made into what Eventarc sends. */
export const eventOf = async (request: IncomingMessage): Promise<Event> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const own = Object.entries(request.headers).filter(([name]) => name.startsWith('ce-'));
  return {
    headers: {
      ...Object.fromEntries(own.map(([name, value]) => [name, String(value)])),
      'content-type': 'application/protobuf',
      'user-agent': 'Google-Cloud-Eventarc',
    },
    // The emulator writes the message as base64.
    body: Buffer.from(Buffer.concat(parts).toString('latin1'), 'base64'),
  };
};

/** Sends an event to the worker, again until it is taken. */
export const passOn = async ({ headers, body }: Event, to: PassedOn): Promise<void> => {
  const { worker, token, tell, goesOn = () => true } = to;
  for (let tries = 0; tries < TRIES && goesOn(); tries++) {
    try {
      const { status } = await fetch(`${worker}/events/intents`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${await token()}` },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
      });
      tell(`${headers['ce-document']}: the worker answered ${status}`);
      if (status < 300) return;
    } catch (error) {
      tell(`the worker was not called: ${error instanceof Error ? error.message : String(error)}`);
    }
    await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries));
  }
};
