import type { Exec } from 'onmemos';
import type { OutputSinks } from './pipes.ts';

/** As much of each stream as the answers of the server carry. */
const MOST_BYTES = 8 * 1024 * 1024;

interface Kept {
  readonly parts: Uint8Array[];
  size: number;
  cut: boolean;
}

/** What a command printed, for the one JSON answer of `--json`. */
export class Answer {
  readonly #kept = { stdout: this.#none(), stderr: this.#none() };

  /** Where the output goes instead of our own. */
  readonly sinks: OutputSinks = { stdout: this.#sink('stdout'), stderr: this.#sink('stderr') };

  /** The record of the command with its output. Bytes that are not UTF-8 are in fields of their own. */
  of(exec: Exec, returncode: number): object {
    const texts = (['stdout', 'stderr'] as const).flatMap((name) => {
      const bytes = Buffer.concat(this.#kept[name].parts);
      const text = bytes.toString();
      const same = Buffer.from(text).equals(bytes);
      return [[name, text], ...(same ? [] : [[`${name}_base64`, bytes.toString('base64')]])];
    });
    const { stdout, stderr } = this.#kept;
    const truncated = exec.truncated || stdout.cut || stderr.cut;
    return { ...exec, truncated, returncode, ...Object.fromEntries(texts) };
  }

  #none(): Kept {
    return { parts: [], size: 0, cut: false };
  }

  #sink(name: 'stdout' | 'stderr'): OutputSinks['stdout'] {
    return {
      write: (data, taken) => {
        const kept = this.#kept[name];
        const part = data.subarray(0, MOST_BYTES - kept.size);
        if (part.length < data.length) kept.cut = true;
        if (part.length > 0) kept.parts.push(part);
        kept.size += part.length;
        taken();
      },
    };
  }
}
