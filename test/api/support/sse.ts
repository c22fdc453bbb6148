export interface SseEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Every event of a stream that has been read to its end; comments are passed over. */
export const parseSse = (text: string): SseEvent[] =>
  text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
      );
      return {
        id: fields.id ?? '',
        event: fields.event ?? '',
        data: JSON.parse(fields.data ?? '{}') as Record<string, unknown>,
      };
    });

/** The bytes of the chunks of one stream, or of all. */
export const bytesOf = (events: readonly SseEvent[], stream?: string): Buffer =>
  Buffer.concat(
    events
      .filter(({ event, data }) => event === 'chunk' && (stream === undefined || data.stream === stream))
      .map(({ data }) => Buffer.from(String(data.data), data.encoding === 'base64' ? 'base64' : 'utf8')),
  );
