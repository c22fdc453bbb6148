import type { Outcome } from './schedule.ts';

/** The end of a schedule that failed, and the command that repeats it. @param tests of its form, as a path */
export const say = ({ seed, failure, lines }: Outcome, tests: string): string =>
  [
    `seed ${seed}: ${failure instanceof Error ? failure.message : String(failure)}`,
    'The last events:',
    ...lines().slice(-60),
    `Replay it with its whole trace: SEED=${seed} npm test -- ${tests}`,
  ].join('\n');

/** Prints all events of a schedule. @throws its failure */
export const printed = ({ failure, lines }: Outcome): void => {
  console.log(lines().join('\n'));
  if (failure !== null) throw failure;
};

/** Adds the counts of a schedule to those of others. */
export const addTo = (sum: Map<string, number>, { counts }: Outcome): void => {
  for (const [name, times] of counts) sum.set(name, (sum.get(name) ?? 0) + times);
};

/** The events of these that have not occurred: a simulation says nothing about them. */
export const unmet = (counts: ReadonlyMap<string, number>, expected: readonly string[]): string[] =>
  expected.filter((name) => (counts.get(name) ?? 0) === 0);
