import { pauseForEnd } from '../ending/signals.ts';
import { ConnectionFailed } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import { pause } from '../transport/backoff.ts';
import type { Retries } from '../transport/retries.ts';
import type { Transport } from '../transport/transport.ts';
import { whatGoesOn } from './goes-on.ts';
import type { ExecRef } from './open-output.ts';

/** A connection that lasted this long was a working one, though it may have had nothing to say. */
const WORKING_MS = 20_000;
/** The longest pause before the next connection that a server can ask for. */
const LONGEST_ASKED_MS = 60_000;

/** One connection's worth of a stream: `ended` after its true end, `cut` where it just stopped. */
export type Connection<T> = AsyncGenerator<T, 'ended' | 'cut', undefined>;

/**
 * A stream over as many connections as it takes: each one is opened where the last was cut. A server that
 * starts again is waited for, because what is read goes on there meanwhile.
 * @throws OnMemOSError where it can't be opened, or not again
 */
export async function* resumed<T>(
  transport: Transport,
  ref: ExecRef,
  options: CallOptions,
  open: (onRetry: (ms: number) => void) => Connection<T>,
): AsyncGenerator<T, void, undefined> {
  const retries = transport.retries(transport.retriesAfterACut(options));
  let asked = 0;
  const onRetry = (ms: number): void => {
    asked = Math.min(ms, LONGEST_ASKED_MS);
  };
  for (;;) {
    const begun = performance.now();
    const source = open(onRetry);
    try {
      for (let step = await source.next(); ; step = await source.next()) {
        if (step.done) {
          if (step.value === 'ended') return;
          throw new ConnectionFailed(transport.settings.baseUrl, new Error('The stream stopped before its end'));
        }
        retries.progressed();
        await pauseForEnd();
        yield step.value;
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (performance.now() - begun > WORKING_MS) retries.progressed();
      await pause(Math.max(asked, delayAfter(retries, error, ref)), options.signal);
    } finally {
      await source.return('cut');
    }
  }
}

const delayAfter = (retries: Retries, error: unknown, ref: ExecRef): number => {
  try {
    return retries.delayAfter(error);
  } catch (last) {
    throw whatGoesOn(ref, last);
  }
};
