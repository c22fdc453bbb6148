import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** After so much output the memory is looked at. */
const LOOK_BYTES = 4 * 1024 * 1024;
/** By which memory outside of the heap may grow before it is collected. */
const GROWTH_BYTES = 16 * 1024 * 1024;

export interface Memory {
  /** Bytes outside of the heap. */
  external(): number;
  /** Frees what nothing refers to any more. */
  collect(): void;
}

/**
 * Keeps the memory small through which output passes. Its blocks lie outside of V8's heap. V8 starts to collect them
 * after 64 MiB at the earliest, and on a busy machine much later.
 */
export class OutputMemory {
  readonly #memory: Memory;
  #unseen = 0;
  /** The least that was there since the last collection. */
  #low = Number.POSITIVE_INFINITY;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** So many bytes of output have passed. */
  passed(bytes: number): void {
    this.#unseen += bytes;
    if (this.#unseen < LOOK_BYTES) return;
    this.#unseen = 0;
    const now = this.#memory.external();
    this.#low = Math.min(this.#low, now);
    if (now - this.#low < GROWTH_BYTES) return;
    this.#memory.collect();
    this.#low = this.#memory.external();
  }
}

const collector = (): (() => void) => {
  // Node shows the collector to a context that is made after this flag.
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
};

let collect: (() => void) | null = null;

/** That of this process. */
export const outputMemory = new OutputMemory({
  external: () => process.memoryUsage().external,
  collect: () => {
    collect ??= collector();
    collect();
  },
});
