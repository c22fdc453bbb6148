import type { Api, Headed } from './api.ts';

export interface SseEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const parse = (block: string): SseEvent | null => {
  const fields: Record<string, string> = {};
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) continue;
    const colon = line.indexOf(':');
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, '');
  }
  if (fields.data === undefined) return null;
  return { id: fields.id ?? '', event: fields.event ?? 'message', data: JSON.parse(fields.data) };
};

/** Server-Sent Events as they arrive, until the server ends the stream or the reader stops. */
export async function* sse(api: Api, path: string, headers: Headed = {}): AsyncGenerator<SseEvent> {
  const stop = new AbortController();
  const response = await api.raw('GET', path, {
    headers: { Accept: 'text/event-stream', ...headers },
    signal: stop.signal,
  });
  if (response.status !== 200 || !response.body) {
    throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  }
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const bytes of response.body) {
      rest += decoder.decode(bytes, { stream: true });
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const event = parse(rest.slice(0, end));
        rest = rest.slice(end + 2);
        if (event) yield event;
      }
    }
  } finally {
    stop.abort();
  }
}

export const readSse = async (api: Api, path: string, headers: Headed = {}): Promise<SseEvent[]> => {
  const events: SseEvent[] = [];
  for await (const event of sse(api, path, headers)) events.push(event);
  return events;
};

/** The bytes of a chunk. */
export const bytesOf = ({ data }: SseEvent): Buffer =>
  Buffer.from(String(data['data']), data['encoding'] === 'base64' ? 'base64' : 'utf8');

/** The joined chunks of a stream: all bytes, and for each byte its stream, stdout (1) or stderr (2). */
export const joined = (events: readonly SseEvent[]): { bytes: Buffer; streams: Buffer } => {
  const chunks = events.filter(({ event }) => event === 'chunk');
  return {
    bytes: Buffer.concat(chunks.map(bytesOf)),
    streams: Buffer.concat(
      chunks.map((chunk) => Buffer.alloc(bytesOf(chunk).length, chunk.data['stream'] === 'stdout' ? 1 : 2)),
    ),
  };
};
