import type { OutputEvent } from '#ports/exec.ts';
import type { Encoded } from './output-body.ts';

export interface OpenedOutput {
  readonly from: number;
  readonly exec: { readonly next_offset: number };
  readonly events: AsyncIterable<OutputEvent>;
}

/**
 * Where the bytes will really begin, which the header says before the first of them: later than asked for, where
 * the oldest were dropped. Waits for nothing that is not there already: only a log with bytes past `from` has a gap.
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
 * The log's bytes and nothing else, from `start`. What was dropped before `start` was said by the header; what is
 * dropped after it can't be said, so the connection breaks.
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
