import type { Deps } from './deps.ts';

/** Runs one step of many. An error is logged and does not stop the others. */
export const unlessItFails = async (
  deps: Deps,
  about: Readonly<Record<string, unknown>>,
  message: string,
  step: () => Promise<unknown>,
): Promise<void> => {
  try {
    await step();
  } catch (error) {
    deps.log.warn({ ...about, err: error }, message);
  }
};
