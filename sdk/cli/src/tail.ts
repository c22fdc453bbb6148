import type { Exec, OnMemOSClient } from 'onmemos';

const FIRST_BLOCK = 64 * 1024;
const GROWTH = 8;
const NEWLINE = 0x0a;

/** The index at which the last lines begin; null if there are fewer. A line end at the very end begins no line. */
export const lastLinesAt = (bytes: Uint8Array, lines: number): number | null => {
  if (lines === 0) return bytes.length;
  let at = bytes.length - 1;
  for (let left = lines; left > 0; left -= 1) {
    at = at <= 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1);
    if (at < 0) return null;
  }
  return at + 1;
};

/** Reads from the end of the log in growing blocks. @returns the offset at which the last lines begin */
export const tailOffset = async (
  client: OnMemOSClient,
  { session_id, exec_id, next_offset }: Exec,
  lines: number,
  signal: AbortSignal,
): Promise<number> => {
  for (let size = FIRST_BLOCK; ; size *= GROWTH) {
    const from = Math.max(0, next_offset - size);
    const block = new Uint8Array(next_offset - from);
    // Bytes that were dropped before this block are no lines that could be printed.
    let kept = from;
    for await (const event of client.execs.output(session_id, exec_id, { from, signal })) {
      if (event.type === 'exit') break;
      if (event.type === 'gap') kept = Math.min(event.to, next_offset);
      else block.set(event.data.subarray(0, Math.max(0, next_offset - event.seq)), event.seq - from);
      if ((event.type === 'gap' ? event.to : event.seq + event.data.length) >= next_offset) break;
    }
    const at = lastLinesAt(block.subarray(kept - from), lines);
    if (at !== null) return kept + at;
    if (from === 0 || kept > from) return kept;
  }
};
