import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { lastPart, parentOf } from './names.ts';
import type { Task } from './task.ts';
import type { Tokens } from './tokens.ts';

const MOST_REDIRECTS = 5;

/** What a delivery was answered; null stands for no answer in time. */
export interface Answer {
  readonly status: number | null;
  /** Wall-clock seconds or an instant of the worker’s wish, as milliseconds from now; null where it named none. */
  readonly retry_after_ms: number | null;
  readonly why: string;
}

/** Headers of a task that the service does not pass on. */
const REPLACED = /^(host|content-length|user-agent|authorization|x-google-.*|x-appengine-.*|x-cloudtasks-.*)$/i;

const tokenOf = ({ request: { oidcToken, url = '' } }: Task, tokens: Tokens): Readonly<Record<string, string>> =>
  oidcToken
    ? { Authorization: `Bearer ${tokens.of(oidcToken.serviceAccountEmail ?? '', oidcToken.audience || url)}` }
    : {};

/** The headers of a task’s next delivery. */
export const headersOf = (task: Task, tokens: Tokens, withRetry: boolean): Readonly<Record<string, string>> => {
  const given = Object.entries(task.request.headers ?? {}).filter(
    ([name]) => !REPLACED.test(name) || (/^authorization$/i.test(name) && !task.request.oidcToken),
  );
  const { previous, reason } = task;
  return {
    ...Object.fromEntries(given),
    ...tokenOf(task, tokens),
    'User-Agent': 'Google-Cloud-Tasks',
    'X-CloudTasks-QueueName': lastPart(parentOf(task.name)),
    'X-CloudTasks-TaskName': lastPart(task.name),
    'X-CloudTasks-TaskRetryCount': String(task.attempts),
    'X-CloudTasks-TaskExecutionCount': String(task.executions),
    'X-CloudTasks-TaskETA': (task.due / 1000).toFixed(6),
    ...(withRetry && previous !== null ? { 'X-CloudTasks-TaskPreviousResponse': String(previous) } : {}),
    ...(withRetry && reason !== null ? { 'X-CloudTasks-TaskRetryReason': reason } : {}),
  };
};

const retryAfter = (header: string | undefined): number | null => {
  if (header === undefined) return null;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
};

/** Sends deliveries over connections that it keeps open. */
export class Sender {
  readonly #plain = new Agent({ keepAlive: true, maxSockets: 5000, maxFreeSockets: 256 });
  readonly #tls = new TlsAgent({ keepAlive: true, maxSockets: 5000, maxFreeSockets: 256 });
  readonly #follows: boolean;

  constructor(follows: boolean) {
    this.#follows = follows;
  }

  async send(task: Task, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
    try {
      let url = new URL(task.request.url ?? '');
      const { origin } = url;
      for (let hops = 0; ; hops++) {
        const { Authorization, ...others } = headers;
        // A token is for the address that it was issued for.
        const own = Authorization !== undefined && url.origin === origin ? { ...others, Authorization } : others;
        const answer = await this.#once(url, task, own, signal);
        const { statusCode = 0, headers: got } = answer;
        const isRedirect = statusCode >= 300 && statusCode < 400 && got.location !== undefined;
        if (!isRedirect || !this.#follows || hops === MOST_REDIRECTS) {
          return {
            status: statusCode,
            retry_after_ms: retryAfter(got['retry-after']),
            why: `HTTP status code ${statusCode}`,
          };
        }
        url = new URL(got.location ?? '', url);
      }
    } catch (error) {
      const why = signal.aborted ? 'DEADLINE_EXCEEDED' : error instanceof Error ? error.message : 'no answer';
      return { status: null, retry_after_ms: null, why };
    }
  }

  close(): void {
    this.#plain.destroy();
    this.#tls.destroy();
  }

  #once(
    url: URL,
    { method, request: { body } }: Task,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const [start, agent] = url.protocol === 'https:' ? [httpsRequest, this.#tls] : [httpRequest, this.#plain];
    return new Promise((resolve, reject) => {
      const sent = start(url, { method, headers: { ...headers, 'Content-Length': body?.length ?? 0 }, agent, signal });
      sent.on('response', (answer) => {
        answer.on('error', reject);
        answer.on('end', () => resolve(answer));
        answer.resume();
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
