import { OutputGap, type Process } from 'onmemos';
import { note } from '../ui/output.ts';

export interface OutputSinks {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

const STANDARD: OutputSinks = { stdout: process.stdout, stderr: process.stderr };

/** Writes, and waits while the reader does not read. */
const written = (sink: NodeJS.WritableStream, data: Uint8Array): Promise<void> =>
  new Promise((resolve) => sink.write(data, () => resolve()));

/** What was lost is said where it was lost, in the stream for such things. */
export const sayGap = (from: number, to: number): void =>
  note(`\nonmemos: ${to - from} bytes of output were dropped here before they were read.`);

/**
 * Copies a command's output, each stream to its own, until it ends. A cut is mended by the SDK at the very byte; behind
 * a gap it goes on with what is kept.
 * @param joined told of the object that carries on behind a gap
 */
export const copyOutput = async (
  command: Process,
  joined: (command: Process) => void,
  options: { readonly signal: AbortSignal; readonly sinks?: OutputSinks },
): Promise<Process> => {
  const { signal, sinks = STANDARD } = options;
  for (let current = command; ; ) {
    try {
      for await (const { stream, data } of current.output({ signal })) await written(sinks[stream], data);
      return current;
    } catch (error) {
      if (!(error instanceof OutputGap)) throw error;
      sayGap(error.from, error.to);
      current = current.reattach(error.to);
      joined(current);
    }
  }
};

/**
 * Copies what is piped or typed into us to a command's stdin, in order, and closes it at the end. It stops without a
 * word where the command reads no more.
 * @param take what to send of each piece; null ends the copying and leaves the command's stdin open
 */
export const copyInput = async (
  command: () => Process,
  input: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  take: (bytes: Uint8Array) => Uint8Array | null = (bytes) => bytes,
): Promise<void> => {
  try {
    for await (const chunk of input) {
      const bytes = take(chunk);
      if (bytes === null) return;
      await command().write(bytes, { signal });
    }
    await command().closeStdin({ signal });
  } catch (error) {
    if (signal.aborted || readsNoMore(error)) return;
    throw error;
  }
};

const readsNoMore = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'conflict' || error.code === 'session_not_running');
