import { readFileSync } from 'node:fs';

/** How many descriptors the keeper holds at most, for each of these. */
const FILES = {
  /** The plan and the status of its waiter, its standard streams, and its log. */
  command: 6,
  /** The status of process 1, what its own pasta says, the server's connection, and the last one while that is replaced. */
  session: 4,
} as const;

/** For everything else: to end sessions, write records, read logs, for connections, and for sandboxes in stock. */
const RESERVE = 256;
const MOST_RESERVED = 1 / 4;
/** A session with so many commands leaves a part to the others: so it never keeps them from starting one. */
const FEW_COMMANDS = 16;
const LEFT_TO_OTHERS = 1 / 4;

/** The keeper has too few descriptors left for what was asked. */
export class FilesExhausted extends Error {
  override readonly name = 'FilesExhausted';
}

/**
 * The keeper's descriptors, counted before they are opened. So what sessions hold never takes the last ones, without
 * which no session could be ended.
 */
export class OpenFiles {
  readonly #limit: number;
  #left: number;

  constructor(limit: number = openFilesLimit()) {
    this.#limit = limit;
    this.#left = limit - Math.min(RESERVE, limit * MOST_RESERVED);
  }

  /** @param present how many commands the session has already @returns gives them back @throws FilesExhausted */
  take(what: keyof typeof FILES, present = 0): () => void {
    const count = FILES[what];
    const many = present >= FEW_COMMANDS;
    if (count > this.#left - (many ? this.#limit * LEFT_TO_OTHERS : 0)) {
      const rest = many ? 'the rest is for sessions with fewer commands' : 'sessions hold all that are not in reserve';
      throw new FilesExhausted(
        `The keeper may have ${this.#limit} files open, and ${rest}. End commands or sessions, or raise the limit (ulimit -n, or LimitNOFILE= of its service) and start the server again when no session runs.`,
      );
    }
    this.#left -= count;
    let given = false;
    return () => {
      if (!given) this.#left += count;
      given = true;
    };
  }
}

/** What the kernel allows this process. Node raises it to the hard limit when it starts. */
function openFilesLimit(): number {
  const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft ?? 1024);
}
