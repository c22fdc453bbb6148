import { ConnectionFailed } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import { pause, retryDelayMs } from '../transport/backoff.ts';
import type { Transport } from '../transport/transport.ts';

/** A connection that lasted this long was a working one, though it may have had nothing to say. */
const WORKING_MS = 20_000;

/** One connection's worth of a stream: `ended` after its true end, `cut` where it just stopped. */
export type Connection<T> = AsyncGenerator<T, 'ended' | 'cut', undefined>;

/**
 * A stream over as many connections as it takes: each one is opened where the last was cut. A server that
 * starts again is waited for, because what is read goes on there meanwhile.
 * @throws OnMemOSError where it can't be opened, or not again
 */
export async function* resumed<T>(
  transport: Transport,
  options: CallOptions,
  open: () => Connection<T>,
): AsyncGenerator<T, void, undefined> {
  let failures = 0;
  let since = 0;
  for (;;) {
    const begun = performance.now();
    const source = open();
    try {
      for (let step = await source.next(); ; step = await source.next()) {
        if (step.done) {
          if (step.value === 'ended') return;
          throw new ConnectionFailed(transport.settings.baseUrl, new Error('The stream stopped before its end'));
        }
        failures = 0;
        yield step.value;
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (performance.now() - begun > WORKING_MS) failures = 0;
      if (failures === 0) since = performance.now();
      const again = transport.triesAfterACut(options, failures, since);
      const delay = again ? retryDelayMs(error, failures) : null;
      if (delay === null) throw error;
      failures++;
      await pause(delay, options.signal);
    } finally {
      await source.return('cut');
    }
  }
}
