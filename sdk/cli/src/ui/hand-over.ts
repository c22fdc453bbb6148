import { BROKEN_PIPE_EXIT, onBrokenPipe } from './broken-pipe.ts';
import { note } from './output.ts';

export interface Made {
  /** What it is, as in `session ses-01`. */
  readonly name: string;
  /** The arguments of the command that removes it. */
  readonly removedBy: string;
  /** Removes it. */
  undo(): Promise<unknown>;
}

/**
 * Prints on stdout what names a thing that was just made. Where that can't be printed, no one knows the name, so the
 * thing is removed again: if the reader has left, and then the process ends, as by SIGPIPE, and if `print` throws.
 */
export const handOver = async (made: Made, print: () => void): Promise<void> => {
  let readerLeft = false;
  const restore = onBrokenPipe(() => {
    readerLeft = true;
  });
  try {
    print();
    await new Promise((written) => process.stdout.write('', written));
  } catch (error) {
    await remove(made);
    throw error;
  } finally {
    restore();
  }
  if (!readerLeft) return;
  await remove(made);
  process.exit(BROKEN_PIPE_EXIT);
};

const remove = async ({ name, removedBy, undo }: Made): Promise<void> => {
  try {
    await undo();
  } catch {
    note(`onmemos: ${name} is left; \`onmemos ${removedBy}\` removes it.`);
  }
};
