import { CliError } from '../errors.ts';

/** The reader of the output has left, as `head` does: the exit code is the one that shells show after SIGPIPE. */
export class ReaderLeft extends CliError {
  constructor() {
    super('', { exit: 141 });
    this.name = 'ReaderLeft';
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file would be larger than is allowed',
  EIO: 'the device failed',
};

const notWritten = (error: NodeJS.ErrnoException): CliError =>
  new CliError(`The output could not be written: ${WORDS[error.code ?? ''] ?? error.message}.`, {
    hint: 'What was written is not complete. Make room or write to another place, and do it again.',
    cause: error,
  });

type Told = (lost: CliError) => void;

const leave: Told = (lost) => {
  if (lost instanceof ReaderLeft) process.exit(lost.exit);
};
let react: Told = leave;
let failure: CliError | null = null;

/** Why output of this program could not be written; null where all of it was, as far as is known by now. */
export const lostOutput = (): CliError | null => failure;

/**
 * Watches for output that can't be written. If its reader has left, the process ends without a message. Other failures
 * are kept for {@link lostOutput}. The function of {@link onLostOutput} runs instead of both.
 */
export const watchOutput = (streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr]): void => {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A closed terminal gives EIO. It also sends HUP, and the handler of that signal ends the work.
      if (error.code === 'EIO' && stream.isTTY) return;
      const lost = error.code === 'EPIPE' ? new ReaderLeft() : notWritten(error);
      if (!(lost instanceof ReaderLeft)) failure ??= lost;
      react(lost);
    });
  }
};

/** Sets the function that runs when output is lost. @returns the function that restores what ran before */
export const onLostOutput = (told: Told): (() => void) => {
  const before = react;
  react = told;
  return () => {
    react = before;
  };
};
