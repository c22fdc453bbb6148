import type { Project } from './projects.ts';

export interface Left {
  readonly project: Project;
  /** How long it would take at this machine's pace. */
  readonly seconds: number;
}

/** How many times as long as on a quiet machine everything takes here and now; never below 1. */
export const paceOf = (seconds: number, quietSeconds: number): number => Math.max(1, seconds / quietSeconds);

/** How long a project takes at a pace. */
const secondsAt = ({ seconds = 0 }: Project, pace: number): number => Math.ceil(seconds * pace);

/** Whether a project still fits. @returns null where it does, else what to say of it */
export const leftOut = (project: Project, pace: number, secondsLeft: number): Left | null => {
  const seconds = secondsAt(project, pace);
  return seconds <= secondsLeft ? null : { project, seconds };
};

const minutes = (seconds: number): string => `${Math.max(0, Math.round(seconds / 60))} min`;

/** The sentence that names a project which was left out, and why. */
export const leftOutText = ({ project, seconds }: Left, secondsLeft: number): string =>
  `Left out: ${project.name}, which ${project.apart}: it takes about ${minutes(seconds)} at the pace of this machine, ` +
  `and ${minutes(secondsLeft)} are left. \`npm run test:all\` runs everything.`;
