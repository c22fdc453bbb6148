import type { Firestore } from '@google-cloud/firestore';
import type { Collection, Doc } from '#ports/store.ts';
import { docAt } from './documents.ts';
import type { Observer } from './observe.ts';
import { plainFields } from './values.ts';

interface Parts {
  /** Made at the first watch: worker and scheduler have none. */
  readonly firestore: () => Promise<Firestore>;
  readonly observer: Observer;
}

/** Watches of single documents. */
export class Watching {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add<T>(
    collection: Collection<T>,
    id: string,
    seen: (doc: Doc<T> | null) => void,
    failed: (error: unknown) => void,
  ): () => void {
    const { observer, firestore } = this.#parts;
    let over = false;
    let unsubscribe = (): void => undefined;
    const fail = (error: unknown): void => {
      if (over) return;
      over = true;
      failed(error);
    };
    const begin = async (): Promise<void> => {
      const reference = (await firestore()).collection(collection.name).doc(id);
      if (over) return;
      unsubscribe = reference.onSnapshot((snapshot) => {
        if (over) return;
        observer.operation?.({ verb: 'read', collection: collection.name, count: 1 });
        const { updateTime } = snapshot;
        const stored = snapshot.data();
        if (stored === undefined || updateTime === undefined) seen(null);
        else
          seen(
            docAt(collection, id, plainFields(stored), { seconds: updateTime.seconds, nanos: updateTime.nanoseconds }),
          );
      }, fail);
    };
    begin().catch(fail);
    return () => {
      over = true;
      unsubscribe();
    };
  }
}
