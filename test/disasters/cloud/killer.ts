import type { Program } from '../../cloud-local/processes.ts';
import type { Random } from '../../chaos/random.ts';
import { pause } from '../../chaos/world.ts';
import type { StepGate } from './taps.ts';

const MOMENTS = { asked: 'asked, not done', done: 'done, not answered' } as const;
/** After so long without a step that was hit less often, one that was hit more often will do. */
const LEVEL_MS = 700;
const LOOK_MS = 10;

interface Caught {
  readonly fn: string;
  readonly step: string;
  /** The call ends. */
  readonly drop: () => void;
}

/** A call that only reads changes nothing, wherever it ends: fewer kills are spent on it. */
const costOf = (step: string, hits: number): number => (/: (read|query) /.test(step) ? 2 + 4 * hits : hits);

/**
 * Kills functions while a named step is under way: it holds a remote call of a function, before it was passed on or
 * after it was done, and kills the function (SIGKILL) while it waits for the answer. Steps that were hit less often come
 * first.
 */
export class Killer {
  readonly #random: Random;
  readonly #programs: () => ReadonlyMap<string, Program>;
  /** How often a function was killed within each step; 0 for one that was only seen. */
  readonly steps = new Map<string, number>();
  #wanted: { readonly level: () => number; readonly caught: (caught: Caught) => void } | null = null;

  constructor(random: Random, programs: () => ReadonlyMap<string, Program>) {
    this.#random = random;
    this.#programs = programs;
  }

  readonly gate: StepGate = (fn, call, moment) => {
    const step = `${fn.replace(/-\d$/, '')}: ${call}, ${MOMENTS[moment]}`;
    const hits = this.steps.get(step) ?? 0;
    this.steps.set(step, hits);
    const wanted = this.#wanted;
    if (wanted === null || costOf(step, hits) > wanted.level() || this.#random.chance(0.3)) return true;
    this.#wanted = null;
    const held = Promise.withResolvers<boolean>();
    wanted.caught({ fn, step, drop: () => held.resolve(false) });
    return held.promise;
  };

  /** Kills one function within a step and starts it again. @returns the step */
  async kill(): Promise<string> {
    const began = performance.now();
    const { fn, step, drop } = await new Promise<Caught>((caught) => {
      this.#wanted = { level: () => Math.floor((performance.now() - began) / LEVEL_MS), caught };
    });
    const program = this.#programs().get(fn);
    if (program === undefined) throw new Error(`there is no function ${fn}`);
    if (!program.runs()) throw new Error(`${fn} had ended by itself:\n${program.printed().slice(-2_000)}`);
    await program.end('SIGKILL');
    drop();
    this.steps.set(step, (this.steps.get(step) ?? 0) + 1);
    await pause(LOOK_MS);
    await program.start();
    return step;
  }

  /** Steps that were hit, the most often first. */
  hit(): readonly (readonly [step: string, times: number])[] {
    return [...this.steps].filter(([, times]) => times > 0).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  }
}
