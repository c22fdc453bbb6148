import type { CliError } from '../errors.ts';
import { onLostOutput } from './lost-output.ts';
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
 * thing is removed again.
 * @throws CliError why it could not be printed: the reader has left, or the output can't be stored
 */
export const handOver = async (made: Made, print: () => void): Promise<void> => {
  const lost: CliError[] = [];
  const restore = onLostOutput((why) => void lost.push(why));
  try {
    print();
    await new Promise((written) => process.stdout.write('', written));
    const [why] = lost;
    if (why) throw why;
  } catch (error) {
    await remove(made);
    throw error;
  } finally {
    restore();
  }
};

const remove = async ({ name, removedBy, undo }: Made): Promise<void> => {
  try {
    await undo();
  } catch {
    note(`onmemos: ${name} is left; \`onmemos ${removedBy}\` removes it.`);
  }
};
