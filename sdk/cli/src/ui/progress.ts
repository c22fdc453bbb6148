/** Shorter work shows no progress. */
const SHOWN_AFTER_MS = 500;
const FRAME_MS = 120;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const CLEAR_LINE = '\r\u001b[K';

type Out = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };

export interface Progress {
  /** Changes the text. */
  say(text: string): void;
  /** Removes the line; a second call does nothing. */
  stop(): void;
}

const NONE: Progress = { say: () => {}, stop: () => {} };
/** Whether a line is shown now. Work inside other work shows no second line. */
let shown = false;

/** A line with a spinner on stderr. Shows nothing if stderr is not a terminal. */
export const progress = (text: string, out: Out = process.stderr): Progress => {
  if (out.isTTY !== true || process.env['TERM'] === 'dumb' || shown) return NONE;
  shown = true;
  let said = text;
  let frame = 0;
  let drawn = false;
  const draw = (): void => {
    drawn = true;
    out.write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${said}`);
  };
  let turning: NodeJS.Timeout | undefined;
  const waiting = setTimeout(() => {
    draw();
    turning = setInterval(draw, FRAME_MS);
    turning.unref();
  }, SHOWN_AFTER_MS);
  waiting.unref();
  return {
    say: (next) => {
      said = next;
    },
    stop: () => {
      shown = false;
      clearTimeout(waiting);
      clearInterval(turning);
      if (drawn) out.write(CLEAR_LINE);
      drawn = false;
    },
  };
};

/** Shows progress until a promise settles. */
export const during = async <T>(text: string, work: Promise<T>, out?: Out): Promise<T> => {
  const line = progress(text, out);
  try {
    return await work;
  } finally {
    line.stop();
  }
};
