import type { Deps } from './deps.ts';

/** Takes one step of many. One that can't be helped now is logged, and keeps none of the others waiting. */
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
