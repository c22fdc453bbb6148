import { OutputGap, type Process } from 'onmemos';
import { note } from '../ui/output.ts';

/** Takes a piece of output, and says when it can take the next one. */
interface OutputSink {
  write(data: Uint8Array, taken: () => void): unknown;
}

export interface OutputSinks {
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
}

export const STANDARD: OutputSinks = { stdout: process.stdout, stderr: process.stderr };

/** Writes a piece and waits until the reader has taken it. */
const written = (sink: OutputSink, data: Uint8Array): Promise<void> =>
  new Promise((resolve) => sink.write(data, () => resolve()));

/** Prints a gap on stderr at the place in the output where the bytes are missing. */
export const sayGap = (from: number, to: number): void =>
  note(`\nonmemos: ${to - from} bytes of output were dropped here before they were read.`);

/**
 * Copies a command's stdout and stderr to ours until it ends. After a broken connection the SDK continues at the same
 * byte. After a gap the output continues with the bytes that the server has kept.
 * @param joined is called with the object that continues after a gap
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
 * Copies our stdin to the command's stdin, in order, and closes that at the end. Stops without a message if the command
 * no longer reads.
 * @param take returns the bytes of each piece to send; null ends the copying and leaves the command's stdin open
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
