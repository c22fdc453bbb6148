export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** The size if stdout is not a terminal. */
const USUAL: Size = { cols: 80, rows: 24 };

export const terminalSize = (out: NodeJS.WriteStream = process.stdout): Size =>
  out.isTTY && out.columns > 0 && out.rows > 0 ? { cols: out.columns, rows: out.rows } : USUAL;

/** Switches the terminal to raw mode. @returns the function that restores it; a second call does nothing */
export const rawMode = (input: NodeJS.ReadStream = process.stdin): (() => void) => {
  if (!input.isTTY) return () => {};
  const before = input.isRaw;
  input.setRawMode(true);
  const restore = (): void => {
    if (input.isTTY && input.isRaw !== before) input.setRawMode(before);
  };
  // The shell that started us can't use a terminal in raw mode.
  process.once('exit', restore);
  return () => {
    process.off('exit', restore);
    restore();
  };
};

/** Calls `told` with each new size of the window. @returns the function that stops this */
export const onResize = (told: (size: Size) => void, out: NodeJS.WriteStream = process.stdout): (() => void) => {
  if (!out.isTTY) return () => {};
  const changed = (): void => told(terminalSize(out));
  out.on('resize', changed);
  return () => {
    out.off('resize', changed);
  };
};
