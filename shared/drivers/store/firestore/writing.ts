import { AlreadyExists, type Collection, CommitUnknown, type Version, VersionMismatch } from '#ports/store.ts';
import type { Channel } from './channel.ts';
import {
  commitOf,
  createOf,
  deleteAtOf,
  deleteOf,
  type Document,
  putAtOf,
  putOf,
  type Root,
  type Target,
  type Write,
} from './documents.ts';
import { busy, type Effort } from './effort.ts';
import type { Observer } from './observe.ts';
import { verdictOf } from './verdicts.ts';

interface Parts {
  readonly channel: Channel;
  readonly database: string;
  readonly root: Root;
  readonly observer: Observer;
  readonly effort: () => Effort;
  readonly commitId: () => string;
  /** A document outside any transaction. @throws StoreBusy */
  readonly look: (collection: string, id: string) => Promise<Document | null>;
}

/** What came of a write. `refused`: its precondition did not hold, at a try before which none was unknown. */
type Outcome = 'done' | 'refused' | 'lost and refused';

/** Writes of one document outside transactions. */
export class Writing {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async create(collection: Collection<unknown>, id: string, data: unknown): Promise<void> {
    const { name } = collection;
    const commit = this.#parts.commitId();
    const outcome = await this.#send(createOf(this.#target(collection, id), data, commit).write, name);
    if (outcome === 'done') return;
    // A create that was repeated may have met itself.
    if (outcome === 'lost and refused' && (await this.#wrote(name, id, commit))) return;
    throw new AlreadyExists(name, id);
  }

  async put(collection: Collection<unknown>, id: string, data: unknown, ifVersion?: Version): Promise<void> {
    const { name } = collection;
    const target = this.#target(collection, id);
    if (ifVersion === undefined) {
      await this.#send(putOf(target, data).write, name);
      return;
    }
    const commit = this.#parts.commitId();
    const write = putAtOf(target, data, ifVersion, commit);
    const outcome = write === null ? 'refused' : await this.#send(write, name);
    if (outcome === 'done') return;
    if (outcome === 'lost and refused' && (await this.#wrote(name, id, commit))) return;
    throw mismatch(name, id);
  }

  async delete(collection: Collection<unknown>, id: string, ifVersion?: Version): Promise<void> {
    const { name } = collection;
    const target = this.#target(collection, id);
    if (ifVersion === undefined) {
      await this.#send(deleteOf(target), name);
      return;
    }
    const write = deleteAtOf(target, ifVersion);
    const outcome = write === null ? 'refused' : await this.#send(write, name);
    if (outcome === 'done') return;
    // The answer was lost, so this delete may have been the one that took place, and it is gone as asked.
    if (outcome === 'lost and refused' && (await this.#parts.look(name, id)) === null) return;
    throw mismatch(name, id);
  }

  #target(collection: Collection<unknown>, id: string): Target {
    return { root: this.#parts.root, collection, id };
  }

  async #wrote(collection: string, id: string, commit: string): Promise<boolean> {
    const found = await this.#parts.look(collection, id);
    return found !== null && commitOf(found) === commit;
  }

  /** Repeats it until Firestore has answered. Each of these writes may be repeated: it writes the same again, or fails. */
  async #send(write: Write, collection: string): Promise<Outcome> {
    const { channel, database, effort: newEffort, observer } = this.#parts;
    const effort = newEffort();
    let lost = false;
    for (;;) {
      try {
        await channel.commit({ database, writes: [write] });
        observer.operation?.({ verb: write.delete ? 'delete' : 'write', collection, count: 1 });
        return 'done';
      } catch (error) {
        const verdict = verdictOf(error, 'commit');
        if (verdict === 'refused') return lost ? 'lost and refused' : 'refused';
        if (verdict === null || verdict === 'bug') throw error;
        if (verdict === 'unknown') lost = true;
        if (effort.over()) throw lost ? new CommitUnknown(`a write of ${collection}`, { cause: error }) : busy(error);
        await effort.pause();
      }
    }
  }
}

const mismatch = (collection: string, id: string): VersionMismatch =>
  new VersionMismatch(`${collection}/${id} has another version`);
