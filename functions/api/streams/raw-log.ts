import type { OutputEvent } from '#ports/exec.ts';
import type { Encoded } from './output-body.ts';

export interface OpenedOutput {
  readonly from: number;
  readonly exec: { readonly next_offset: number };
  readonly events: AsyncIterable<OutputEvent>;
}

/**
 * The offset of the first byte that will be sent, for the header. It is later than asked for if the oldest bytes were
 * dropped. Does not wait for new output: only a log with bytes past `from` has a gap.
 */
export const firstOffset = async ({ from, exec, events }: OpenedOutput) => {
  if (exec.next_offset <= from) return { start: from, events };
  const iterator = events[Symbol.asyncIterator]();
  const first = await iterator.next();
  const start = !first.done && first.value.type === 'gap' ? first.value.to : from;
  return { start, events: resumed(first, iterator) };
};

async function* resumed(
  first: IteratorResult<OutputEvent>,
  rest: AsyncIterator<OutputEvent>,
): AsyncGenerator<OutputEvent> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/**
 * Sends only the log's bytes, from `start`. The header has named the bytes that were dropped before `start`. A body of
 * bare bytes can't name a later gap, so there the connection breaks.
 */
export const rawEncoder = (start: number) => {
  let next = start;
  return (event: OutputEvent): Encoded => {
    if (event.type === 'exit') return 'end';
    if (event.type === 'gap') return event.to <= next ? 'skip' : 'break';
    if (event.seq !== next) return 'break';
    next += event.data.byteLength;
    return event.data.byteLength === 0 ? 'skip' : event.data;
  };
};
