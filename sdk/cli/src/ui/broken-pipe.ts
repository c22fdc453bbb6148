/** The code that shells give to a program which SIGPIPE ended. */
export const BROKEN_PIPE_EXIT = 141;

const leave = (): void => process.exit(BROKEN_PIPE_EXIT);
let react: () => void = leave;

/**
 * Watches for readers that leave early, as `head` does. It ends the process without a
 * message, after the function of {@link onBrokenPipe}, if there is one.
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
