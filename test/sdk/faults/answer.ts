import { answerFraming, type BodyEnd, bodyEnd, type Head, headOf, statusOf } from './framing.ts';
import { drop, type Peer, send } from './inbox.ts';

/** Where an answer is to be cut. */
export interface Budget {
  readonly share: number;
  readonly bytes: number;
  readonly reset: boolean;
}

export interface AnswerHead {
  readonly head: Head;
  /** What has come so far: the head and perhaps some of the body. */
  readonly bytes: Buffer;
}

/** The head of the answer to come; null where the server ends before it. */
export const readAnswerHead = async ({ inbox }: Peer): Promise<AnswerHead | null> => {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const piece = await inbox.take();
    if (piece === null) return null;
    bytes = Buffer.concat([bytes, piece]);
    const head = headOf(bytes);
    if (head !== null) return { head, bytes };
  }
};

interface Passing {
  readonly client: Peer;
  readonly server: Peer;
  readonly method: string;
  readonly answer: AnswerHead;
  /** null: to its end. */
  readonly budget: Budget | null;
}

/** `ended`: there is no more, nor another request. `broken`: the server ended within it. */
export type Passed = 'whole' | 'ended' | 'broken' | 'cut-answer' | 'cut-stream' | 'cut-socket';

/** Passes an answer on, to its end or to the byte at which it is to be cut. */
export const passAnswer = async (passing: Passing): Promise<Passed> => {
  const { client, server, method, answer, budget } = passing;
  const framing = answerFraming(answer.head, method);
  if (framing.kind === 'tunnel') return passTunnel(passing);
  const length = framing.kind === 'length' ? answer.head.bytes + framing.bytes : null;
  // One byte at least comes, and one at least does not.
  const cut =
    budget === null
      ? Number.POSITIVE_INFINITY
      : length === null
        ? budget.bytes
        : 1 + Math.floor(budget.share * (length - 1));
  const body = bodyEnd(framing);
  let passed = 0;
  let piece = answer.bytes;
  let inHead = true;
  for (;;) {
    const { used, ended } = inHead ? afterHead(body, piece, answer.head.bytes) : body.push(piece);
    inHead = false;
    if (passed + used >= cut && (length !== null || !ended || passed + used > cut)) {
      await send(client.socket, piece.subarray(0, cut - passed));
      drop(client.socket, budget?.reset ?? false);
      return length === null ? 'cut-stream' : 'cut-answer';
    }
    if (!(await send(client.socket, piece.subarray(0, used)))) return 'ended';
    passed += used;
    if (ended) {
      server.inbox.giveBack(piece.subarray(used));
      return answer.head.headers.get('connection')?.toLowerCase() === 'close' || statusOf(answer.head) < 200
        ? 'ended'
        : 'whole';
    }
    const next = await server.inbox.take();
    if (next === null) return framing.kind === 'until-close' || client.socket.destroyed ? 'ended' : 'broken';
    piece = next;
  }
};

const afterHead = (body: BodyEnd, piece: Buffer, headBytes: number): { used: number; ended: boolean } => {
  const { used, ended } = body.push(piece.subarray(headBytes));
  return { used: headBytes + used, ended };
};

/** Both ways at once, until either side ends or as many bytes as the budget has have gone through both. */
const passTunnel = async ({ client, server, answer, budget }: Passing): Promise<Passed> => {
  let left = budget?.bytes ?? Number.POSITIVE_INFINITY;
  let cut = false;
  const close = (): void => {
    drop(client.socket, cut && (budget?.reset ?? false));
    drop(server.socket, cut && (budget?.reset ?? false));
  };
  const pump = async (from: Peer, to: Peer, first: Buffer | null): Promise<void> => {
    for (let piece = first ?? (await from.inbox.take()); piece !== null && !cut; piece = await from.inbox.take()) {
      const allowed = piece.subarray(0, Math.min(left, piece.byteLength));
      left -= allowed.byteLength;
      cut = left === 0;
      if (!(await send(to.socket, allowed)) || cut) break;
    }
    close();
  };
  await Promise.all([pump(server, client, answer.bytes), pump(client, server, null)]);
  return cut ? 'cut-socket' : 'ended';
};
