import type { OutputEvent } from '#ports/exec.ts';
import { type ApiContext, nodeResponse } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { type Access, watchAccess } from './access-watch.ts';

/** How far this reads ahead of the client. Later output waits in the session. */
const BUFFER_BYTES = 512 * 1024;

/** The result of encoding one event: bytes to send, nothing, the end, or a broken connection. */
export type Encoded = Uint8Array | 'skip' | 'end' | 'break';

export interface OutputBody {
  readonly kind: 'sse' | 'text';
  readonly access: Access;
  readonly events: AsyncIterable<OutputEvent>;
  /** Aborted when the client has gone: ends `events`. */
  readonly stop: AbortController;
  encode(event: OutputEvent): Encoded;
  /** Bytes that show a quiet stream to be alive, when they are due. */
  readonly beat?: { readonly every_ms: number; readonly bytes: Uint8Array };
}

/**
 * The body of an output stream. The client pulls it: this reads the session no faster than the client reads.
 * If bytes are missing, the connection breaks, so that no client treats partial output as complete.
 */
export const outputBody = (api: ApiDeps, c: ApiContext, source: OutputBody): ReadableStream<Uint8Array> => {
  const { kind, access, events, stop, encode, beat } = source;
  const iterator = events[Symbol.asyncIterator]();
  const ended = Promise.withResolvers<string>();
  c.set('ending', ended.promise);
  const streamEnded = api.metrics.stream(kind);
  const stops: (() => void)[] = [];
  let over = false;

  const finish = (outcome: string): void => {
    if (over) return;
    over = true;
    for (const each of stops) each();
    streamEnded();
    ended.resolve(outcome);
    stop.abort();
    iterator.return?.().catch(() => undefined);
  };
  const breakOff = (
    controller: ReadableStreamDefaultController<Uint8Array>,
    outcome: string,
    error?: unknown,
  ): void => {
    if (over) return;
    if (error !== undefined) api.log.warn({ kind, error, request_id: c.get('request_id') }, 'an output stream broke');
    finish(outcome);
    const response = nodeResponse(c);
    if (response) response.destroy();
    else controller.error(error ?? new Error(outcome));
  };

  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        stops.push(watchAccess(api, access, () => breakOff(controller, 'access_lost')));
        if (beat) stops.push(beating(api, controller, beat));
        if (api.stopping) stops.push(onAbort(api.stopping, () => breakOff(controller, 'server_stops')));
      },
      pull: async (controller) => {
        try {
          for (;;) {
            const { done, value } = await iterator.next();
            if (over) return;
            const encoded = done ? 'break' : encode(value);
            if (encoded === 'skip') continue;
            if (encoded === 'break') return breakOff(controller, done ? 'broken' : 'gap');
            if (encoded === 'end') {
              finish('ok');
              return controller.close();
            }
            controller.enqueue(encoded);
            if (value.type !== 'exit') return;
            finish('ok');
            return controller.close();
          }
        } catch (error) {
          breakOff(controller, 'broken', error);
        }
      },
      cancel: () => finish('client_gone'),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES }),
  );
};

/** Calls `run` when the signal is aborted, also if it was before. @returns the way to stop listening */
const onAbort = (signal: AbortSignal, run: () => void): (() => void) => {
  if (signal.aborted) run();
  signal.addEventListener('abort', run, { once: true });
  return () => signal.removeEventListener('abort', run);
};

const beating = (
  api: ApiDeps,
  controller: ReadableStreamDefaultController<Uint8Array>,
  { every_ms, bytes }: NonNullable<OutputBody['beat']>,
): (() => void) => {
  const beat = (): void => {
    // A client that has not read the earlier bytes gets no sign of life.
    if ((controller.desiredSize ?? 0) > 0) controller.enqueue(bytes);
    timer = api.clock.timer(every_ms, beat);
  };
  let timer = api.clock.timer(every_ms, beat);
  return () => timer.cancel();
};
