import { createHash, type Hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Process } from '../../../sdk/typescript/src/index.ts';

/** Lines of one length, so that each byte of the stream says where it belongs. */
const LINE_BYTES = 11;
const FIRST = 1_000_000_000;

/** A command that prints so many bytes, as fast as it can. */
export const writerOf = (bytes: number): string =>
  `seq ${FIRST} ${FIRST + Math.ceil(bytes / LINE_BYTES)} | head -c ${bytes}`;

const lineAt = (offset: number): string => `${FIRST + Math.floor(offset / LINE_BYTES)}\n`;

/** The digest of what {@link writerOf} prints. */
export const digestOf = (bytes: number): string => {
  const hash = createHash('sha256');
  const LINES = 50_000;
  for (let at = 0; at < bytes; at += LINES * LINE_BYTES) {
    let text = '';
    const first = at / LINE_BYTES;
    for (let line = first; line < first + LINES; line++) text += `${FIRST + line}\n`;
    hash.update(text.slice(0, bytes - at));
  }
  return hash.digest('hex');
};

/** Whether a piece is that of its offset: its first and its last whole line say so. */
const belongs = (offset: number, data: Uint8Array): boolean => {
  const text = (from: number): string => Buffer.from(data.subarray(from, from + LINE_BYTES)).toString('latin1');
  const first = (LINE_BYTES - (offset % LINE_BYTES)) % LINE_BYTES;
  const lines = Math.floor((data.length - first) / LINE_BYTES);
  if (lines < 1) return true;
  const last = first + (lines - 1) * LINE_BYTES;
  return text(first) === lineAt(offset + first) && text(last) === lineAt(offset + last);
};

/** What a reader got. */
export interface Got {
  readonly sha256: string;
  readonly bytes: number;
  /** Bytes that the gaps said were missing. */
  readonly missing: number;
  /** Offsets at which a piece was not that of its offset, or not where the one before it ended. */
  readonly wrong: readonly number[];
}

export interface Reading {
  /** Bytes a second; as fast as it can without. */
  readonly speed?: number;
}

type Event =
  | { readonly type: 'chunk'; readonly seq: number; readonly data: Uint8Array }
  | { readonly type: 'gap'; readonly from: number; readonly to: number }
  | { readonly type: 'exit' };

/** Reads to the end at a speed, and checks each piece. */
export const readAt = async (events: AsyncIterable<Event>, { speed }: Reading = {}): Promise<Got> => {
  const hash: Hash = createHash('sha256');
  const wrong: number[] = [];
  let [at, bytes, missing] = [0, 0, 0];
  const begun = performance.now();
  for await (const event of events) {
    if (event.type === 'exit') continue;
    if (event.type === 'gap') {
      if (event.from !== at) wrong.push(event.from);
      missing += event.to - event.from;
      at = event.to;
      continue;
    }
    if (event.seq !== at || !belongs(event.seq, event.data)) wrong.push(event.seq);
    hash.update(event.data);
    at = event.seq + event.data.length;
    bytes += event.data.length;
    const early = speed === undefined ? 0 : (bytes / speed) * 1000 - (performance.now() - begun);
    if (early > 5) await pause(early);
  }
  return { sha256: hash.digest('hex'), bytes, missing, wrong };
};

/** The pieces of a process, which has no gap. */
export async function* piecesOf(process: Process): AsyncGenerator<Event, void, undefined> {
  for await (const { seq, data } of process) yield { type: 'chunk', seq, data };
}

const residentMb = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
};

/** The most by which the memory of processes grows while something is done, in MiB each. */
export const growthOf = async <T>(
  pids: readonly number[],
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly grown: readonly number[] }> => {
  const before = await Promise.all(pids.map(residentMb));
  const most = [...before];
  const looking = setInterval(() => {
    for (const [index, pid] of pids.entries()) {
      void residentMb(pid).then((mb) => {
        most[index] = Math.max(most[index] ?? 0, mb);
      });
    }
  }, 100);
  try {
    const result = await work();
    return { result, grown: most.map((mb, index) => Math.round(mb - (before[index] ?? 0))) };
  } finally {
    clearInterval(looking);
  }
};
