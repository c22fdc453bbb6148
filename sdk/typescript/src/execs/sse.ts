/** One Server-Sent Event. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

const LINE_END = /\r\n|\n|\r/;
const DIGITS = /^[0-9]+$/;

/**
 * Bytes, cut anywhere, as the events that are whole.
 * @param onRetry is told the milliseconds that the server asks a client to wait before it connects again
 */
export const sseDecoder = (
  onRetry: (ms: number) => void = () => undefined,
): ((bytes: Uint8Array) => ServerSentEvent[]) => {
  // It drops a byte order mark at the beginning.
  const decoder = new TextDecoder();
  let rest = '';
  let afterCr = false;
  let event = 'message';
  let data: string[] = [];

  const field = (name: string, value: string): void => {
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value;
    else if (name === 'retry' && DIGITS.test(value)) onRetry(Number(value));
  };

  const line = (text: string, found: ServerSentEvent[]): void => {
    if (text === '') {
      if (data.length > 0) found.push({ event, data: data.join('\n') });
      event = 'message';
      data = [];
      return;
    }
    const colon = text.indexOf(':');
    if (colon < 0) field(text, '');
    else field(text.slice(0, colon), text.slice(colon + (text[colon + 1] === ' ' ? 2 : 1)));
  };

  return (bytes) => {
    const found: ServerSentEvent[] = [];
    const decoded = decoder.decode(bytes, { stream: true });
    if (decoded === '') return found;
    // The second half of a line end whose first half was the last character before.
    const text = afterCr && decoded[0] === '\n' ? decoded.slice(1) : decoded;
    afterCr = decoded.endsWith('\r');
    const lines = text.split(LINE_END);
    const last = lines.pop() ?? '';
    for (const part of lines) {
      line(rest + part, found);
      rest = '';
    }
    rest += last;
    return found;
  };
};
