/** The code that shells give to a program which SIGPIPE ended. */
export const BROKEN_PIPE_EXIT = 141;

const leave = (): void => process.exit(BROKEN_PIPE_EXIT);
let react: () => void = leave;

/**
 * Watches for readers that leave early, as `head` does. That is no failure to talk about, and ends the process, unless
 * somebody has something to tidy up first ({@link onBrokenPipe}).
 */
export const watchPipes = (streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr]): void => {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A terminal that was closed says EIO: its HUP is what counts, and comes as a signal.
      if (error.code === 'EPIPE') react();
    });
  }
};

/** Takes the matter in hand; the answer gives it back. */
export const onBrokenPipe = (told: () => void): (() => void) => {
  react = told;
  return () => {
    react = leave;
  };
};
