import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

/** Shorter commands are not worth another process. */
const QUIET_MS = 2_000;

const isPipe = (fd: number): boolean => {
  try {
    return fstatSync(fd).isFIFO();
  } catch {
    return false;
  }
};

/**
 * Notices that the reader of our stdout has left while there is nothing to write, as behind `| head`. Node tells this
 * of a write only. GNU's `tail -f` watches its stdout, so one waits beside us; another `tail` ends at once and tells
 * nothing.
 * @returns what stops the watch
 */
export const onReaderGone = (told: () => void, fd = 1): (() => void) => {
  if (!isPipe(fd)) return () => {};
  let stop = (): void => {};
  const timer = setTimeout(() => {
    const tail = spawn('tail', [`--pid=${process.pid}`, '-f', '/dev/null'], { stdio: ['ignore', fd, 'ignore'] });
    stop = () => void tail.kill('SIGKILL');
    tail.unref();
    tail.on('error', () => {});
    tail.once('exit', (_code, signal) => {
      if (signal === 'SIGPIPE') told();
    });
  }, QUIET_MS);
  timer.unref();
  return () => {
    clearTimeout(timer);
    stop();
  };
};
