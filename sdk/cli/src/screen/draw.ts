import type { Exec, OnMemOSClient } from 'onmemos';
import { type Size, terminalSize } from '../bridge/terminal.ts';
import { openScreen } from './screen.ts';
import { safeStart } from './unfinished.ts';

/** Enough for programs that draw a lot; a terminal model reads it in a fraction of a second. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Moves what the terminal shows into its scrollback, and the cursor to the top of an empty screen. */
const emptied = (rows: number): string => `${'\r\n'.repeat(rows)}\u001b[H\u001b[J`;

/**
 * The bytes that draw what a command's terminal shows, from its output up to `next_offset`. The output itself can't be
 * printed again: it has queries, which our terminal would answer a second time, and may begin in the middle of a
 * sequence.
 */
export const screenOf = async (
  client: OnMemOSClient,
  { session_id, exec_id, next_offset }: Exec,
  size: Size,
  signal: AbortSignal,
): Promise<Buffer> => {
  const screen = openScreen(size);
  let from = Math.max(0, next_offset - MOST_BYTES);
  let cut = from > 0;
  if (next_offset > 0) {
    for await (const event of client.execs.output(session_id, exec_id, { from, signal })) {
      if (event.type === 'exit') break;
      if (event.type === 'gap') {
        from = event.to;
        cut = true;
      } else {
        const data = event.data.subarray(0, Math.max(0, next_offset - event.seq));
        const start = cut ? safeStart(data) : 0;
        // Nothing in this piece is a place to begin at.
        cut = cut && start === data.length;
        await screen.feed(data.subarray(start));
        from = event.seq + event.data.length;
      }
      if (from >= next_offset) break;
    }
  }
  return Buffer.concat([Buffer.from(emptied(size.rows)), screen.drawing()]);
};

/** Draws what a command's terminal shows on ours. */
export const drawScreen = async (client: OnMemOSClient, exec: Exec, signal: AbortSignal): Promise<void> => {
  const drawing = await screenOf(client, exec, terminalSize(), signal);
  await new Promise<void>((done) => process.stdout.write(drawing, () => done()));
};
