/** The exit code that shells show for a program that SIGPIPE ended. */
export const BROKEN_PIPE_EXIT = 141;

const leave = (): void => process.exit(BROKEN_PIPE_EXIT);
let react: () => void = leave;

/**
 * Watches for readers that close the pipe early, as `head` does. Then the process ends without a message, or the
 * function of {@link onBrokenPipe} runs instead.
 */
export const watchPipes = (streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr]): void => {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A closed terminal gives EIO. It also sends HUP, and the handler of that signal ends the work.
      if (error.code === 'EPIPE') react();
    });
  }
};

/** Sets the function that runs when a pipe breaks. @returns the function that restores what ran before */
export const onBrokenPipe = (told: () => void): (() => void) => {
  const before = react;
  react = told;
  return () => {
    react = before;
  };
};
