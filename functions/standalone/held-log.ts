/** Where log lines go while a server starts. */
export interface HeldLog {
  /** Holds the line until `release`, then writes at once. */
  write(line: string): void;
  /** Writes what was held, without the lines below a warning that contain one of these texts: `''` is in all of them. */
  release(unwanted: readonly string[]): void;
}

/** As a line has it in JSON, and in the readable form. */
const SERIOUS = /"severity":"(WARNING|ERROR)"|^\S+ (WARNING|ERROR) /;

/** Holds log lines back until the start has been described to the person who reads it. */
export const heldLog = (write: (line: string) => void): HeldLog => {
  let held: string[] | null = [];
  return {
    write: (line) => {
      if (held === null) write(line);
      else held.push(line);
    },
    release: (unwanted) => {
      const lines = held ?? [];
      held = null;
      for (const line of lines) if (SERIOUS.test(line) || !unwanted.some((text) => line.includes(text))) write(line);
    },
  };
};
