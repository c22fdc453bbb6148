import type { Failure, Outcome } from './counts.ts';

/** With more failed files than this the code is at fault, not the machine: a second run would only take time. */
export const FILES_RUN_AGAIN = 5;

export interface Judged {
  /** Failed, and again when run alone. */
  readonly failed: readonly Failure[];
  /** Failed among all others, and passed when run alone. */
  readonly unsteady: readonly Failure[];
}

const sameTest = (one: Failure) => (other: Failure) =>
  one.project === other.project && one.file === other.file && one.test === other.test;

/**
 * Runs the files with failures again, when nothing else runs. The suite starts thousands of processes on machines that
 * others use too, so a test may fail for want of time. Such a test is reported by name, because it, or what it tests,
 * depends on time. @param run runs files of projects, null if that broke off
 */
export const judge = async (
  failures: readonly Failure[],
  run: (projects: readonly string[], files: readonly string[]) => Promise<Outcome | null>,
): Promise<Judged> => {
  const files = [...new Set(failures.map(({ file }) => file))];
  const projects = [...new Set(failures.map(({ project }) => project))];
  if (files.length === 0 || files.length > FILES_RUN_AGAIN || files.includes('')) {
    return { failed: failures, unsteady: [] };
  }
  const second = await run(projects, files);
  if (second === null) return { failed: failures, unsteady: [] };
  const again = (one: Failure): boolean => second.failures.some(sameTest(one));
  const fresh = second.failures.filter((one) => !failures.some(sameTest(one)));
  return {
    failed: [...failures.filter(again), ...fresh],
    unsteady: failures.filter((one) => !again(one)),
  };
};

const listed = (title: string, failures: readonly Failure[]): readonly string[] =>
  failures.length === 0
    ? []
    : [
        title,
        ...failures.flatMap(({ project, file, test, error }) => [
          `  ${[project, file, test].filter(Boolean).join(' > ')}`,
          `    ${error}`,
        ]),
        '',
      ];

/** The failed tests by name, because the lines of a long run between them and its end are many. */
export const judgedText = ({ failed, unsteady }: Judged): readonly string[] => [
  ...listed('Failed among all others, and passed when run alone (counted as passed; make it steady):', unsteady),
  ...listed('Failed:', failed),
];
