import { ConnectionFailed, OnMemOSError } from '../errors.ts';
import type { Transport } from '../transport/transport.ts';

/**
 * The bytes of an answer as they come.
 * @throws ConnectionFailed where they break off, or stay away for `silence.ms`
 */
export async function* bodyOf(
  transport: Transport,
  response: Response,
  silence?: { readonly ms: number; readonly stop: AbortController },
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const silent = (): void => silence?.stop.abort(new DOMException('The stream fell silent', 'TimeoutError'));
  for (;;) {
    const timer = silence && setTimeout(silent, silence.ms);
    try {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    } catch (error) {
      throw error instanceof OnMemOSError ? error : new ConnectionFailed(transport.settings.baseUrl, error);
    } finally {
      clearTimeout(timer);
    }
  }
}
