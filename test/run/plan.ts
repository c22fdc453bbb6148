import type { Project } from './projects.ts';

export interface Left {
  readonly project: Project;
  /** Its duration at this machine's pace. */
  readonly seconds: number;
}

/** The present duration of all tests relative to a quiet machine; at least 1. */
export const paceOf = (seconds: number, quietSeconds: number): number => Math.max(1, seconds / quietSeconds);

/** The duration of a project at a pace. */
const secondsAt = ({ seconds = 0 }: Project, pace: number): number => Math.ceil(seconds * pace);

/** Checks whether a project fits into the time left. @returns null if it does, else the reason */
export const leftOut = (project: Project, pace: number, secondsLeft: number): Left | null => {
  const seconds = secondsAt(project, pace);
  return seconds <= secondsLeft ? null : { project, seconds };
};

const minutes = (seconds: number): string => `${Math.max(0, Math.round(seconds / 60))} min`;

/** The sentence that says which project was skipped, and why. */
export const leftOutText = ({ project, seconds }: Left, secondsLeft: number): string =>
  `Left out: ${project.name}, which ${project.apart}: it takes about ${minutes(seconds)} at the pace of this machine, ` +
  `and ${minutes(secondsLeft)} are left. \`npm run test:all\` runs everything.`;

/** The same for one that has no share in a run with a time limit. */
export const untimedText = ({ name, apart, seconds = 0 }: Project): string =>
  `Left out: ${name}, which ${apart}: it takes about ${minutes(seconds)} and has no share in a run with a time limit. ` +
  '`npm run test:all` runs everything.';
