import type { Deps } from '../kernel/deps.ts';

export interface Through {
  /** How many, from the first on, are done or have been tried alone. */
  readonly passed: number;
  /** Whether several were tried and all of them failed: the cause is not in one of them. */
  readonly allFailed: boolean;
}

const ONE_FAILED = 'a resource could not be compared with its record; a later round tries again';
const ALL_FAILED = 'no resource could be compared with its record; a later round tries again';

/**
 * Works on some items together. Where that fails, on each alone, so that an item that always fails keeps no other from
 * its turn. A failure is logged and not thrown. One item at least is passed, however little time is left.
 */
export const workThrough = async <T>(
  deps: Deps,
  job: string,
  items: readonly T[],
  keyOf: (item: T) => string,
  work: (items: readonly T[]) => Promise<void>,
  isOver: () => boolean,
): Promise<Through> => {
  const warn = (item: T | undefined, err: unknown, message: string, about: Readonly<Record<string, unknown>> = {}) =>
    deps.log.warn({ job, ...about, ...(item === undefined ? {} : { key: keyOf(item) }), err }, message);
  try {
    await work(items);
    return { passed: items.length, allFailed: false };
  } catch (err) {
    if (items.length === 1) {
      warn(items[0], err, ONE_FAILED);
      return { passed: 1, allFailed: false };
    }
  }
  const failed: { readonly item: T; readonly err: unknown }[] = [];
  let passed = 0;
  for (const item of items) {
    if (passed > 0 && isOver()) break;
    await work([item]).catch((err: unknown) => failed.push({ item, err }));
    passed += 1;
  }
  const allFailed = passed > 1 && failed.length === passed;
  const [first] = failed;
  if (allFailed) warn(first?.item, first?.err, ALL_FAILED, { failed: passed });
  else for (const { item, err } of failed) warn(item, err, ONE_FAILED);
  return { passed, allFailed };
};
