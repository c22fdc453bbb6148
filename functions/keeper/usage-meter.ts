import type { Clock } from '#ports/clock.ts';
import type { Usage } from '#ports/exec.ts';
import type { Sandbox, SandboxUsage } from './sandbox/types.ts';

/** Two samples closer together than this don't show the load. */
const SHORTEST_MS = 100;
/** A mean since an older sample would not show the present load. */
const LONGEST_MS = 60_000;

interface Sample {
  readonly at: number;
  readonly usage: SandboxUsage;
}

/** What a session uses now. CPU is the mean since the last measurement, in percent of one CPU. */
export class UsageMeter {
  readonly #sandbox: Pick<Sandbox, 'usage'>;
  readonly #clock: Clock;
  #last: Sample | null = null;

  constructor(sandbox: Pick<Sandbox, 'usage'>, clock: Clock) {
    this.#sandbox = sandbox;
    this.#clock = clock;
  }

  async measure(): Promise<Usage> {
    const now = this.#clock.monotonic();
    let before = this.#last;
    if (!before || now - before.at > LONGEST_MS) before = await this.#sample();
    const age = this.#clock.monotonic() - before.at;
    if (age < SHORTEST_MS) await this.#clock.sleep(SHORTEST_MS - age);
    const after = await this.#sample();
    this.#last = after;
    const { cpu_ms, ...rest } = after.usage;
    return { cpu_percent: percent(before, after), ...rest };
  }

  async #sample(): Promise<Sample> {
    const usage = await this.#sandbox.usage();
    return { at: this.#clock.monotonic(), usage };
  }
}

const percent = (before: Sample, after: Sample): number | null => {
  if (before.usage.cpu_ms === null || after.usage.cpu_ms === null || after.at <= before.at) return null;
  const share = (after.usage.cpu_ms - before.usage.cpu_ms) / (after.at - before.at);
  return Math.max(0, Math.round(share * 1000) / 10);
};
