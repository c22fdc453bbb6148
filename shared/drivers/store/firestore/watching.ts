import type { Firestore } from '@google-cloud/firestore';
import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import type { Collection, Doc } from '#ports/store.ts';
import { asRead, COMMIT_FIELD } from '../rules.ts';
import type { Observer } from './observe.ts';

/** Before a watch that failed is begun again. */
const AGAIN_MS = 1_000;

interface Parts {
  /** Made at the first watch: worker and scheduler have none. */
  readonly firestore: () => Promise<Firestore>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: Observer;
}

/** Watches of single documents, each begun again where it fails. */
export class Watching {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add<T>(collection: Collection<T>, id: string, seen: (doc: Doc<T> | null) => void): () => void {
    const { clock, log, observer, firestore } = this.#parts;
    let stopped = false;
    let unsubscribe = (): void => undefined;
    const begin = async (): Promise<void> => {
      const reference = (await firestore()).collection(collection.name).doc(id);
      if (stopped) return;
      unsubscribe = reference.onSnapshot(
        (snapshot) => {
          if (stopped) return;
          observer.operation?.({ verb: 'read', collection: collection.name, count: 1 });
          const { [COMMIT_FIELD]: _commit, ...data } = snapshot.data() ?? {};
          const { updateTime } = snapshot;
          if (!snapshot.exists || updateTime === undefined) return seen(null);
          const version = `${updateTime.seconds}.${String(updateTime.nanoseconds).padStart(9, '0')}`;
          seen({ id, version, data: asRead(collection, data) });
        },
        (error) => {
          log.warn({ err: error, collection: collection.name, id }, 'a watch failed and is begun again');
          again();
        },
      );
    };
    const again = (): void => {
      clock.timer(AGAIN_MS, () => {
        if (!stopped) begin().catch(failed);
      });
    };
    const failed = (error: unknown): void => {
      log.warn({ err: error, collection: collection.name, id }, 'a watch could not be begun and is tried again');
      again();
    };
    begin().catch(failed);
    return () => {
      stopped = true;
      unsubscribe();
    };
  }
}
