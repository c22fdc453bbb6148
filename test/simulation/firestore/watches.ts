import type { Collection, Doc, Store, Version } from '#ports/store.ts';
import type { Process, Universe } from '../world/process.ts';
import { grpcError, type Service } from './service.ts';

/** Far longer than the emulator takes to tell a change. */
const TOLD_WITHIN_MS = 30_000;

interface Watch {
  readonly collection: string;
  readonly id: string;
  /** What was told last; undefined before the first time. */
  latest: Version | null | undefined;
  /** Hands on what was told since the last event; null where that is nothing. */
  handOn: (() => void) | null;
}

/**
 * Watches of the real driver as events of the timeline. Time waits until each open watch has told the last change of its
 * document. Then what was told is handed on, in the order in which the watches began.
 */
export class Watches {
  readonly #universe: Universe;
  readonly #service: Service;
  readonly #open = new Set<Watch>();
  #change = Promise.withResolvers<void>();
  told = 0;

  constructor(universe: Universe, service: Service) {
    this.#universe = universe;
    this.#service = service;
  }

  /** The port's `watch` of one process, over that of the driver. */
  of(process: Process, driver: Store): Store['watch'] {
    return <T>(
      collection: Collection<T>,
      id: string,
      seen: (doc: Doc<T> | null) => void,
      failed: (error: unknown) => void,
    ): (() => void) => {
      const watch: Watch = { collection: collection.name, id, latest: undefined, handOn: null };
      const lost = (error: unknown): void => {
        if (!this.#open.has(watch)) return;
        stop();
        failed(error);
      };
      const told = (doc: Doc<T> | null): void => {
        const version = doc?.version ?? null;
        if (!this.#open.has(watch) || version === watch.latest) return;
        watch.latest = version;
        watch.handOn = () => {
          this.told += 1;
          const answered = process.reach(`watch ${watch.collection}/${id}`, () => undefined, {
            rate: this.#universe.chaos.store,
            error: () => grpcError(14, 'the watch has ended'),
          });
          answered.then(() => void (this.#open.has(watch) && seen(doc)), lost);
        };
        this.#changed();
      };
      const end = driver.watch(collection, id, told, (error) => this.#universe.timeline.fail(error));
      const stop = (): void => {
        if (this.#open.delete(watch)) end();
        this.#changed();
      };
      this.#open.add(watch);
      process.onDeath(stop);
      return stop;
    };
  }

  /** Resolves when something was told that is still owed; null where nothing is. Then hands on what was told. */
  settled(): Promise<void> | null {
    const owed = [...this.#open].find(
      ({ collection, id, latest }) => latest !== this.#service.versionOf(collection, id),
    );
    if (owed) return this.#soon(owed);
    for (const watch of this.#open) {
      const { handOn } = watch;
      watch.handOn = null;
      handOn?.();
    }
    return null;
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  #soon({ collection, id }: Watch): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => late.reject(new Error(`the emulator has not told a change of ${collection}/${id} within 30 s`)),
      TOLD_WITHIN_MS,
    );
    return Promise.race([this.#change.promise, late.promise]).finally(() => clearTimeout(timer));
  }
}
