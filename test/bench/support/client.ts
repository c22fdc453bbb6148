import { Agent, type IncomingMessage, request } from 'node:http';

/** Calls the public API from the bench's own process, over connections that are kept. */
export class Client {
  readonly url: string;
  readonly key: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  /** The answer as it comes. */
  open(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<IncomingMessage> {
    const payload = body === undefined ? null : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.url}${path}`,
        {
          method,
          agent: this.#agent,
          headers: {
            'X-API-Key': this.key,
            ...(payload ? { 'Content-Type': 'application/json', 'Content-Length': payload.byteLength } : {}),
            ...headers,
          },
        },
        resolve,
      );
      outgoing.once('error', reject);
      outgoing.end(payload);
    });
  }

  /** The JSON of a success. @throws Error with what was answered instead */
  async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.open(method, path, body);
    const text = await textOf(answer);
    if (answer.statusCode !== 200) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  close(): void {
    this.#agent.destroy();
  }
}

const textOf = (answer: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    answer.once('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    answer.once('error', reject);
  });
