/** One Server-Sent Event. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** Bytes, cut anywhere, as the events that are whole; comments are passed over. */
export const sseDecoder = (): ((bytes: Uint8Array) => ServerSentEvent[]) => {
  const decoder = new TextDecoder();
  let rest = '';
  let event = 'message';
  let data: string[] = [];

  const line = (text: string, found: ServerSentEvent[]): void => {
    if (text === '') {
      if (data.length > 0) found.push({ event, data: data.join('\n') });
      event = 'message';
      data = [];
    } else if (text.startsWith('data:')) data.push(text.slice(text.startsWith('data: ') ? 6 : 5));
    else if (text.startsWith('event:')) event = text.slice(6).trim();
  };

  return (bytes) => {
    const found: ServerSentEvent[] = [];
    const text = decoder.decode(bytes, { stream: true });
    let end = text.indexOf('\n');
    if (end < 0) {
      rest += text;
      return found;
    }
    let begin = 0;
    for (; end >= 0; begin = end + 1, end = text.indexOf('\n', begin)) {
      const whole = rest + text.slice(begin, end);
      rest = '';
      line(whole.endsWith('\r') ? whole.slice(0, -1) : whole, found);
    }
    rest = text.slice(begin);
    return found;
  };
};
