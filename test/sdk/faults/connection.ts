import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Budget, passAnswer, readAnswerHead } from './answer.ts';
import { bodyEnd, type Head, headOf, requestFraming } from './framing.ts';
import { drop, Inbox, type Peer, send } from './inbox.ts';
import type { Fault, OwnAnswer, Plan } from './plan.ts';
import type { Counted, Tally } from './tally.ts';

export interface Through {
  readonly host: string;
  readonly port: number;
  readonly plan: Plan;
  readonly tally: Tally;
}

interface Request {
  readonly head: Head;
  readonly method: string;
  readonly path: string;
  readonly bytes: Buffer;
}

const peerOf = (socket: Socket): Peer => {
  // A reset is an end like any other here: the inbox says so.
  socket.on('error', () => {});
  return { socket, inbox: new Inbox(socket) };
};

/** One whole request, or null where the client has ended. */
const readRequest = async ({ inbox }: Peer): Promise<Request | null> => {
  let bytes: Buffer = Buffer.alloc(0);
  let head: Head | null = null;
  while (head === null) {
    const piece = await inbox.take();
    if (piece === null) return null;
    bytes = Buffer.concat([bytes, piece]);
    head = headOf(bytes);
  }
  const [method = '', path = ''] = head.start.split(' ');
  const body = bodyEnd(requestFraming(head));
  const pieces = [bytes.subarray(0, head.bytes)];
  let rest: Buffer | null = bytes.subarray(head.bytes);
  for (;;) {
    const { used, ended } = body.push(rest);
    pieces.push(rest.subarray(0, used));
    inbox.giveBack(rest.subarray(used));
    if (ended) return { head, method, path, bytes: Buffer.concat(pieces) };
    rest = await inbox.take();
    if (rest === null) return null;
  }
};

const REASONS = {
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
} as const;

/** A page as a proxy writes it, which knows nothing of the API behind it. */
const ownAnswer = ({ status }: OwnAnswer, after: Delay | null, keep: boolean): Buffer => {
  const page = `<html><body><h1>${status} ${REASONS[status]}</h1></body></html>\n`;
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    'Content-Type: text/html',
    `Content-Length: ${page.length}`,
    `Connection: ${keep ? 'keep-alive' : 'close'}`,
    ...(after === null ? [] : [`Retry-After: ${after.header}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${page}`);
};

interface Delay {
  readonly header: string;
  readonly ms: number;
}

const delayOf = ({ retryAfter, asDate = false }: OwnAnswer): Delay | null => {
  if (retryAfter === null) return null;
  if (!asDate) return { header: String(retryAfter), ms: retryAfter * 1000 };
  const at = new Date(Math.floor(Date.now() / 1000 + retryAfter) * 1000);
  return { header: at.toUTCString(), ms: at.getTime() - Date.now() };
};

/** Passes one request after the other on, each with its fault, until either side has ended. */
export const serveConnection = async (socket: Socket, through: Through): Promise<void> => {
  const client = peerOf(socket);
  let server: Peer | null = null;
  socket.once('close', () => server?.socket.destroySoon());
  const reach = (): Peer => {
    if (server === null || server.socket.readableEnded || server.socket.destroyed) {
      server = peerOf(connect({ host: through.host, port: through.port, noDelay: true }));
    }
    return server;
  };
  try {
    for (;;) {
      const request = await readRequest(client);
      if (request === null) break;
      if (!(await exchange(client, reach, request, through))) break;
    }
  } finally {
    (server as Peer | null)?.socket.destroy();
    drop(socket, false);
  }
};

/** Whether a fault of these comes about is seen only later. */
const COUNTED_AS_THEY_HAPPEN: readonly Fault['kind'][] = ['none', 'cut-answer', 'hold-limit'];

const budgetOf = (fault: Fault): Budget | null =>
  fault.kind === 'cut-answer' ? { share: fault.share, bytes: fault.bytes, reset: fault.reset } : null;

/** Whether the connection goes on behind it. */
const exchange = async (client: Peer, reach: () => Peer, request: Request, through: Through): Promise<boolean> => {
  const { plan, tally } = through;
  const { method, path, bytes } = request;
  const key = request.head.headers.get('idempotency-key');
  tally.request(method, path, key);
  const fault = plan.next({ method, path });
  if (!COUNTED_AS_THEY_HAPPEN.includes(fault.kind)) tally.fault(fault.kind as Counted);
  if (fault.kind === 'drop-before') {
    drop(client.socket, fault.reset);
    return false;
  }
  const answerItself = (answer: OwnAnswer, keep: boolean): Promise<boolean> => {
    const after = delayOf(answer);
    if (after !== null) tally.retryAfter(key, after.ms);
    return send(client.socket, ownAnswer(answer, after, keep));
  };
  if (fault.kind === 'answer-instead') return answerItself(fault.answer, true);
  if (fault.kind === 'delay') await pause(fault.beforeMs);

  const server = reach();
  if (fault.kind === 'cut-request') {
    await send(server.socket, bytes.subarray(0, Math.floor(fault.share * bytes.byteLength)));
    drop(server.socket, fault.reset);
    drop(client.socket, fault.reset);
    return false;
  }
  const dropBoth = (kind: Counted): void => {
    tally.fault(kind);
    drop(server.socket, false);
    drop(client.socket, false);
  };
  if (!(await send(server.socket, bytes))) return broke(client, tally, path);
  if (fault.kind === 'drop-waiting') {
    await pause(fault.afterMs);
    drop(server.socket, fault.reset);
    drop(client.socket, fault.reset);
    return false;
  }

  const limit = fault.kind === 'hold-limit' ? setTimeout(() => dropBoth('hold-limit'), fault.limitMs) : undefined;
  const answer = await readAnswerHead(server);
  clearTimeout(limit);
  if (answer === null) return client.socket.destroyed ? false : broke(client, tally, path);
  if (fault.kind === 'lose-answer') {
    drop(client.socket, fault.reset);
    return false;
  }
  if (fault.kind === 'answer-over') {
    server.socket.destroy();
    await answerItself(fault.answer, false);
    return false;
  }
  if (fault.kind === 'delay') await pause(fault.afterMs);
  const passed = await passAnswer({ client, server, method, answer, budget: budgetOf(fault) });
  if (passed === 'broken') return broke(client, tally, path);
  if (passed !== 'whole') {
    if (passed !== 'ended') tally.fault(passed);
    return false;
  }
  if (fault.kind === 'drop-after') setTimeout(() => drop(client.socket, fault.reset), fault.afterMs);
  return true;
};

/** What the server breaks off, the client sees broken off. */
const broke = ({ socket }: Peer, tally: Tally, path: string): false => {
  tally.broken.push(path);
  drop(socket, true);
  return false;
};
