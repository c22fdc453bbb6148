import { EventEmitter } from 'node:events';
import type { Failed, Process, Universe } from '../world/process.ts';
import {
  type Commit,
  type FirestoreClient,
  type Get,
  grpcError,
  IDLE_MS,
  type Message,
  type Rollback,
  type Run,
  type Service,
} from './service.ts';
import type { Truth } from './truth.ts';

/** What a client is told when it hears nothing: its time is over, the service had an error, the connection broke. */
const UNANSWERED = [4, 13, 14];
/** A commit that its client has given up may be done this much later. */
const LINGERING_MS = 2_000;
/** Of ten calls, one is a commit: it fails more often than others, so that a schedule has some that are unknown. */
const COMMIT_FACTOR = 5;
/** How much more often a call fails than a process begins to reach nothing for a while. */
const FAULTS_AN_OUTAGE = 10;

/**
 * The generated client of one process, whose calls are events of the timeline and fail as those of other ports do. The
 * driver is given it in place of the real one, which then makes each call that arrives.
 */
export const clientOf = (universe: Universe, process: Process, service: Service, truth: Truth): FirestoreClient => {
  const { random, timeline, trace, chaos } = universe;
  let outage = 0;
  const rate = (factor: number): number => {
    if (!chaos.calm && random.chance(chaos.store / FAULTS_AN_OUTAGE)) {
      const ms = random.whole(500, random.pick([2_000, 10_000, 45_000]));
      outage = timeline.now + ms;
      service.counts.outages += 1;
      trace.add(timeline.now, process.name, 'STORE UNREACHABLE', `${ms} ms`);
    }
    return timeline.now < outage ? 1 : chaos.store * factor;
  };

  /** @param unheard is called where the caller hears nothing, with the answer if there was one */
  const reach = <R>(
    label: string,
    call: () => Promise<R>,
    unheard: (failed: Failed, answer: R | null) => void,
    commit = false,
  ): Promise<R> => {
    let answer: R | null = null;
    const effect = async (): Promise<R> => {
      answer = await call();
      return answer;
    };
    return process.reach(label, effect, {
      rate: rate(commit ? COMMIT_FACTOR : 1),
      error: (failed) => {
        unheard(failed, answer);
        return grpcError(random.pick(UNANSWERED), 'the answer is lost');
      },
      ...(commit ? { lingering_ms: LINGERING_MS } : {}),
    });
  };

  /** A transaction is open of which nobody knows: it is, until the server closes it. */
  const isLeft = (): void => {
    chaos.standstill = Math.max(chaos.standstill, timeline.now + IDLE_MS);
  };

  const read = (label: string, call: () => Promise<readonly Message[]>): EventEmitter => {
    const stream = new EventEmitter();
    const unheard = (_: Failed, messages: readonly Message[] | null): void => {
      if (messages?.some(({ transaction }) => (transaction?.length ?? 0) > 0)) isLeft();
    };
    reach(label, call, unheard).then(
      (messages) => {
        for (const message of messages) stream.emit('data', message);
        stream.emit('end');
      },
      (error: unknown) => stream.emit('error', error),
    );
    return stream;
  };

  const short = (name: string | null | undefined): string => name?.split('/').slice(-2).join('/') ?? '';
  const client = {
    batchGetDocuments: (request: Get) =>
      read(`get ${request.documents?.map(short).join(' ')}`, () => service.get(process, request)),
    runQuery: (request: Run) =>
      read(`query ${request.structuredQuery?.from?.[0]?.collectionId}`, () => service.run(process, request)),
    commit: async (request: Commit) => {
      service.sent(request);
      const done = truth.sent(request);
      const label = `commit ${request.writes?.map(({ update, delete: gone }) => short(update?.name ?? gone)).join(' ')}`;
      const unheard = (failed: Failed, answer: unknown): void => {
        if (failed === 'during') service.counts['commits that arrived late'] += 1;
        if (answer !== null && request.writes?.length) service.counts['commits done, answer lost'] += 1;
      };
      return [await reach(label, () => service.commit(request, done), unheard, true)];
    },
    rollback: async (request: Rollback) => {
      const unheard = (failed: Failed): void => void (failed === 'before' && isLeft());
      return [await reach('rollback', () => service.rollback(request), unheard)];
    },
    close: async () => undefined,
  };
  return client as unknown as FirestoreClient;
};
