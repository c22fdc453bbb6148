import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import type { Exec } from '#contract/entities/exec.ts';
import { iso } from '#ports/clock.ts';
import type { ExecState, OutputEvent } from '#ports/exec.ts';
import type { Encoded } from './output-body.ts';

/** A comment line, which keeps proxies from closing a quiet stream. */
export const SSE_BEAT = { every_ms: 15_000, bytes: Buffer.from(':\n\n') } as const;

/**
 * One output event as a Server-Sent Event. Its id is the offset from which a client continues after it.
 * @param describe the exec as the API describes it everywhere
 */
export const sseEncoder =
  (describe: (state: ExecState) => z.infer<typeof Exec>) =>
  (event: OutputEvent): Encoded => {
    if (event.type === 'chunk') return chunk(event);
    if (event.type === 'gap') return frame('gap', String(event.to), { from: event.from, to: event.to });
    return frame('exit', `${event.exec.next_offset}.exit`, describe(event.exec));
  };

const chunk = ({ seq, stream, time, data }: Extract<OutputEvent, { type: 'chunk' }>): Buffer => {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const id = String(seq + bytes.length);
  const at = time === null ? null : iso(time);
  // Text has no zero bytes, and JSON needs six bytes for each.
  if (isUtf8(bytes) && !bytes.includes(0))
    return frame('chunk', id, { seq, stream, data: bytes.toString('utf8'), encoding: 'utf8', time: at });
  // Base64 needs no escapes in JSON, so JSON.stringify would only cost time.
  const head = `id: ${id}\nevent: chunk\ndata: {"seq":${seq},"stream":"${stream}","data":"`;
  return Buffer.from(
    `${head}${bytes.toString('base64')}","encoding":"base64","time":${JSON.stringify(at)}}\n\n`,
    'latin1',
  );
};

const frame = (event: string, id: string, data: object): Buffer =>
  Buffer.from(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
