export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** The terminal type if TERM is not set. */
const USUAL: Size = { cols: 80, rows: 24 };

export const terminalSize = (out: NodeJS.WriteStream = process.stdout): Size =>
  out.isTTY && out.columns > 0 && out.rows > 0 ? { cols: out.columns, rows: out.rows } : USUAL;

/** Makes the terminal hand over every key as it is typed; the answer gives it back. Twice is fine. */
export const rawMode = (input: NodeJS.ReadStream = process.stdin): (() => void) => {
  if (!input.isTTY) return () => {};
  const before = input.isRaw;
  input.setRawMode(true);
  const restore = (): void => {
    if (input.isTTY && input.isRaw !== before) input.setRawMode(before);
  };
  // A terminal that stays raw is of no use to the shell that we came from.
  process.once('exit', restore);
  return () => {
    process.off('exit', restore);
    restore();
  };
};

/** Tells of a new size of the window, once it rests; the answer ends that. */
export const onResize = (told: (size: Size) => void, out: NodeJS.WriteStream = process.stdout): (() => void) => {
  if (!out.isTTY) return () => {};
  const changed = (): void => told(terminalSize(out));
  out.on('resize', changed);
  return () => {
    out.off('resize', changed);
  };
};
