import { closeSync, openSync } from 'node:fs';

/** Runs something while this process can open nothing more, and says what it returned or threw. */
export const withoutDescriptors = <T>(run: () => T): { readonly value?: T; readonly error?: unknown } => {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    try {
      return { value: run() };
    } catch (error) {
      return { error };
    }
  } finally {
    for (const fd of taken) closeSync(fd);
  }
};
