import type { Random } from '../kernel/random.ts';

/** The rates of faults in one schedule, decided by its seed. While it is calm there are no faults. */
export interface Chaos {
  calm: boolean;
  /** When the last stalled process continues. */
  standstill: number;
  /** Per answer: the process that waits for it crashes instead. */
  readonly crash: number;
  /** Per answer: the process stalls for a while and does not notice it. */
  readonly stall: number;
  /** Per answer: the wall clock of the process is set forward or back. */
  readonly step: number;
  /** How often that was. */
  steps: number;
  /** Per call of the store, the queue, storage or a provider: the call fails before, during or after its effect. */
  readonly store: number;
  readonly queue: number;
  readonly storage: number;
  readonly compute: number;
  /** Per task: delivered twice, or accepted and never delivered. */
  readonly duplicate: number;
  readonly lost: number;
  /** Per request of a client: its answer does not arrive. */
  readonly answer: number;
}

/** Some schedules have many faults of all kinds, some of only a few kinds, and a few have none. */
export const chaosOf = (random: Random): Chaos => {
  const all = random.pick([0, 0.5, 1, 2, 3]);
  const level = (rate: number): number => rate * (random.chance(0.35) ? random.pick([0, 3]) : 1) * all;
  return {
    calm: false,
    standstill: 0,
    crash: level(0.0015),
    stall: level(0.001),
    step: level(0.001),
    steps: 0,
    store: level(0.006),
    queue: level(0.06),
    storage: level(0.05),
    compute: level(0.08),
    duplicate: level(0.12),
    lost: level(0.06),
    answer: level(0.06),
  };
};
