import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A task that is not done, in memory. */
export interface OpenTask {
  readonly name: string;
  readonly task: string;
  readonly payload: string;
  /** The earliest time of delivery, in epoch milliseconds. */
  due: number;
  /** Deliveries so far. */
  attempt: number;
}

/** Changes of a task since its row was written. */
export interface TaskMark {
  readonly name: string;
  readonly due: number;
  readonly attempt: number;
  /** null if the task will be delivered again. */
  readonly done_at: number | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS queue_tasks (
    name TEXT PRIMARY KEY NOT NULL,
    task TEXT NOT NULL,
    payload TEXT NOT NULL,
    due INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    done_at INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS queue_tasks_open ON queue_tasks (due) WHERE done_at IS NULL;
  CREATE INDEX IF NOT EXISTS queue_tasks_done ON queue_tasks (done_at) WHERE done_at IS NOT NULL;
`;

/** The queue's rows. Of a task that is done only the name is kept, so that the name is not used again. */
export class TaskTable {
  readonly #insert: StatementSync;
  readonly #mark: StatementSync;
  readonly #open: StatementSync;
  readonly #forget: StatementSync;

  constructor(database: DatabaseSync) {
    database.exec(SCHEMA);
    this.#insert = database.prepare(`
      INSERT INTO queue_tasks (name, task, payload, due, attempt, done_at) VALUES (?, ?, ?, ?, 0, NULL)
      ON CONFLICT (name) DO UPDATE SET
        task = excluded.task, payload = excluded.payload, due = excluded.due, attempt = 0, done_at = NULL
      WHERE done_at <= ?`);
    this.#mark = database.prepare(`
      UPDATE queue_tasks SET due = ?, attempt = ?, done_at = ?, payload = CASE WHEN ? THEN '' ELSE payload END
      WHERE name = ?`);
    this.#open = database.prepare('SELECT name, task, payload, due, attempt FROM queue_tasks WHERE done_at IS NULL');
    this.#forget = database.prepare(`
      DELETE FROM queue_tasks WHERE name IN (SELECT name FROM queue_tasks WHERE done_at <= ? LIMIT ?)`);
  }

  /** @returns false if an open task has the name, or a task that was done after `forgottenBefore` */
  insert(task: OpenTask, forgottenBefore: number): boolean {
    return this.#insert.run(task.name, task.task, task.payload, task.due, forgottenBefore).changes === 1;
  }

  mark({ name, due, attempt, done_at }: TaskMark): void {
    this.#mark.run(due, attempt, done_at, Number(done_at !== null), name);
  }

  open(): OpenTask[] {
    return this.#open.all().map((row) => ({
      name: String(row.name),
      task: String(row.task),
      payload: String(row.payload),
      due: Number(row.due),
      attempt: Number(row.attempt),
    }));
  }

  /** Frees the names of tasks done before then. @returns how many, at most `limit`. */
  forget(before: number, limit: number): number {
    return Number(this.#forget.run(before, limit).changes);
  }
}
