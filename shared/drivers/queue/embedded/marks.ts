import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import type { TaskMark, TaskTable } from './task-table.ts';

const RETRY_MS = 1000;

export interface MarksOptions {
  readonly table: TaskTable;
  readonly sql: { commit<R>(work: () => R): Promise<R>; commitLazily<R>(work: () => R): Promise<R> };
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Results that are not in the file yet. They are written with other commits, so that under load they need no commit of
 * their own. If a crash loses a result, its task runs once more.
 */
export class Marks {
  readonly #options: MarksOptions;
  #dirty = new Map<string, TaskMark>();
  #underway = false;
  #closed = false;

  constructor(options: MarksOptions) {
    this.#options = options;
  }

  set(mark: TaskMark): void {
    if (this.#closed) return;
    this.#dirty.set(mark.name, mark);
    this.#save();
  }

  /** Writes the remaining results and drops later ones. */
  async close(): Promise<void> {
    this.#closed = true;
    const rest = this.#take();
    if (rest.length > 0) await this.#options.sql.commit(() => this.#write(rest));
  }

  #save(): void {
    if (this.#underway) return;
    this.#underway = true;
    let taken: TaskMark[] = [];
    const written = this.#options.sql.commitLazily(() => {
      taken = this.#take();
      this.#write(taken);
    });
    written.then(
      () => this.#saved(),
      (error: unknown) => {
        for (const mark of taken) if (!this.#dirty.has(mark.name)) this.#dirty.set(mark.name, mark);
        if (this.#closed) return;
        this.#options.log.error({ error, tasks: taken.length }, 'results of tasks could not be written; trying again');
        this.#options.clock.timer(RETRY_MS, () => this.#saved());
      },
    );
  }

  #saved(): void {
    this.#underway = false;
    if (this.#dirty.size > 0 && !this.#closed) this.#save();
  }

  #take(): TaskMark[] {
    const taken = [...this.#dirty.values()];
    this.#dirty = new Map();
    return taken;
  }

  #write(marks: readonly TaskMark[]): void {
    for (const mark of marks) this.#options.table.mark(mark);
  }
}
