import { randomBytes } from 'node:crypto';
import type { Behaviour } from './behaviour.ts';
import {
  type AttemptMessage,
  type HttpRequestMessage,
  msOf,
  type TaskMessage,
  timestampOf,
  type View,
} from './messages.ts';
import { parentOf, projectOf, taskName } from './names.ts';
import { invalid, Refusal } from './refusal.ts';
import { status } from '@grpc/grpc-js';
import type { ServerClock } from './server-clock.ts';

const SHORTEST_DEADLINE_MS = 15_000;
const LONGEST_DEADLINE_MS = 1_800_000;
const DEFAULT_DEADLINE_MS = 600_000;
const FURTHEST_HOURS = 720;
const LONGEST_URL = 2083;
const LARGEST_HEADERS = 80 * 1024;
const WITH_BODY: readonly string[] = ['POST', 'PUT', 'PATCH'];

/** A task that has not ended. */
export interface Task {
  readonly name: string;
  readonly request: HttpRequestMessage;
  readonly method: string;
  readonly deadline_ms: number;
  readonly created: number;
  /** When it is, or was, to be delivered. */
  due: number;
  /** Raised whenever `due` is set, so that an entry of an earlier plan is known. */
  plan: number;
  /** Deliveries begun. */
  attempts: number;
  /** Deliveries that were answered. */
  responses: number;
  /** Deliveries that were answered by anything but 5xx. */
  executions: number;
  previous: number | null;
  reason: string | null;
  first: AttemptMessage | null;
  last: AttemptMessage | null;
  ended: boolean;
}

const checkHeaders = (headers: Readonly<Record<string, string>>): void => {
  const size = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0);
  if (size >= LARGEST_HEADERS) throw invalid('The size of the headers must be less than 80KB.');
};

const checkAccount = (email: string, name: string): void => {
  if (!/^[^@\s]+@[^@\s]+$/.test(email)) throw invalid(`"${email}" is no email of a service account.`);
  const project = /@([^@]+)\.iam\.gserviceaccount\.com$/.exec(email)?.[1];
  if (project !== undefined && project !== projectOf(name)) {
    throw new Refusal(
      status.PERMISSION_DENIED,
      `The service account ${email} must be within the project of the queue.`,
    );
  }
};

const checkRequest = (request: HttpRequestMessage, method: string, name: string): void => {
  const { url = '', headers = {}, body, oidcToken } = request;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw invalid('HttpRequest.url must begin with "http://" or "https://".');
  }
  if (new URL(url).href.length > LONGEST_URL)
    throw invalid(`HttpRequest.url must have at most ${LONGEST_URL} characters.`);
  if (body !== undefined && body.length > 0 && !WITH_BODY.includes(method)) {
    throw invalid(`HTTP requests by ${method} must not have a body.`);
  }
  if (request.oauthToken !== undefined) {
    throw new Refusal(status.UNIMPLEMENTED, 'This server issues OIDC tokens, and no OAuth tokens.');
  }
  checkHeaders(headers);
  if (oidcToken) checkAccount(oidcToken.serviceAccountEmail ?? '', name);
};

const sizeOf = ({ url = '', headers = {}, body }: HttpRequestMessage): number =>
  Buffer.byteLength(url) + Buffer.byteLength(JSON.stringify(headers)) + (body?.length ?? 0);

const deadlineOf = ({ dispatchDeadline }: TaskMessage): number => {
  if (!dispatchDeadline) return DEFAULT_DEADLINE_MS;
  const ms = Math.floor(msOf(dispatchDeadline));
  if (ms < SHORTEST_DEADLINE_MS || ms > LONGEST_DEADLINE_MS) {
    throw invalid('Task.dispatchDeadline must be between [15s, 30m].');
  }
  return ms;
};

const dueOf = ({ scheduleTime }: TaskMessage, now: number): number => {
  if (!scheduleTime) return now;
  const at = msOf(scheduleTime);
  if (at > now + FURTHEST_HOURS * 3_600_000) {
    throw invalid(
      `The Task.scheduleTime, ${new Date(at).toISOString()}, is too far in the future. ` +
        `Schedule time must be no more than ${FURTHEST_HOURS}h in the future.`,
    );
  }
  return Math.max(now, at);
};

/** The task that a `createTask` asks for. @throws Refusal where it can’t be */
export const readTask = (parent: string, given: TaskMessage, behaviour: Behaviour, clock: ServerClock): Task => {
  const now = clock.now();
  const name = given.name ? taskName(given.name) : `${parent}/tasks/${randomBytes(8).readBigUInt64BE()}`;
  if (parentOf(name) !== parent) throw invalid(`The task ${name} does not belong to the queue ${parent}.`);
  const { httpRequest } = given;
  if (given.appEngineHttpRequest) throw new Refusal(status.UNIMPLEMENTED, 'This server delivers HTTP tasks alone.');
  if (!httpRequest) throw invalid('Task.message_type must be set.');
  const asked = httpRequest.httpMethod ?? 'POST';
  const method = asked === 'HTTP_METHOD_UNSPECIFIED' ? 'POST' : asked;
  checkRequest(httpRequest, method, name);
  if (sizeOf(httpRequest) > behaviour.largest_task_bytes) {
    throw invalid(`Task size too large. The task size must not exceed ${behaviour.largest_task_bytes} bytes.`);
  }
  return {
    ...{ name, request: httpRequest, method, deadline_ms: deadlineOf(given), created: now, due: dueOf(given, now) },
    ...{ plan: 0, attempts: 0, responses: 0, executions: 0, previous: null, reason: null, first: null, last: null },
    ended: false,
  };
};

/** A task as it is answered: the basic view leaves the body out. */
export const taskMessage = (task: Task, view: View = 'BASIC'): TaskMessage => {
  const { body, ...request } = task.request;
  return {
    name: task.name,
    httpRequest: {
      ...request,
      httpMethod: task.method,
      headers: { 'User-Agent': 'Google-Cloud-Tasks', ...request.headers },
      ...(view === 'FULL' && body ? { body } : {}),
    },
    scheduleTime: timestampOf(task.due),
    createTime: timestampOf(Math.floor(task.created / 1000) * 1000),
    dispatchDeadline: timestampOf(task.deadline_ms),
    dispatchCount: task.attempts,
    responseCount: task.responses,
    ...(task.first ? { firstAttempt: task.first } : {}),
    ...(task.last ? { lastAttempt: task.last } : {}),
    view: view === 'FULL' ? 'FULL' : 'BASIC',
  };
};
