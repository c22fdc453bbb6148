/** A test that failed, or a file that could not be run. */
export interface Failure {
  readonly project: string;
  /** The file, relative to the checkout. */
  readonly file: string;
  /** The test's name with those of its groups; empty if the file itself failed. */
  readonly test: string;
  /** The first line of the error. */
  readonly error: string;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What a run of Vitest has counted. */
export interface Outcome extends Counts {
  readonly failures: readonly Failure[];
}

/** The last line of a run, which CI reads. */
export const countsLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

export const sumOf = (all: readonly Counts[]): Counts =>
  all.reduce(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
