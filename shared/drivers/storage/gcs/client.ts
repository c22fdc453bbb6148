import type { Storage } from '@google-cloud/storage';
import type { Clock } from '#ports/clock.ts';
import { StorageRefused, StorageUnavailable } from '#ports/storages.ts';
import { adviceOf, type Call, type Failure, isThrottled, verdictOf } from './verdicts.ts';

/** A failure that passes, with the status of HTTP; null where no answer came. */
export class GcsUnavailable extends StorageUnavailable {
  readonly status: number | null;
  readonly throttled: boolean;
  constructor(message: string, failure: Pick<Failure, 'status'>, throttled: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = failure.status;
    this.throttled = throttled;
  }
}

export interface GcsClientOptions {
  readonly project: string;
  readonly location: string;
  readonly clock: Pick<Clock, 'timer'>;
  /** Instead of Google's own; without credentials. */
  readonly apiEndpoint: string | undefined;
  readonly call_limit_ms: number;
}

/** Google's client, loaded at the first call. It gives each call a limit of time and each failure a meaning. */
export class GcsClient {
  readonly #options: GcsClientOptions;
  #storage: Promise<Storage> | null = null;

  constructor(options: GcsClientOptions) {
    this.#options = options;
  }

  /**
   * @returns what the call answers; null if what it is for is the case already
   * @throws StorageUnavailable, StorageRefused, Error for a request that must not be sent
   */
  async call<T>(call: Call, bucket: string, run: (storage: Storage) => Promise<T>): Promise<T | null> {
    const storage = await this.#open();
    try {
      return await this.#within(`${call} of ${bucket}`, run(storage));
    } catch (error) {
      if (error instanceof StorageUnavailable) throw error;
      const failure = failureOf(error);
      const verdict = verdictOf(call, failure);
      if (verdict === 'done') return null;
      const said = `Cloud Storage, ${call} of ${bucket}: ${failure.status ?? 'no answer'} ${failure.message}`;
      if (verdict === 'later') throw new GcsUnavailable(said, failure, isThrottled(failure), error);
      if (verdict === 'pointless')
        throw new StorageRefused(`${said}. ${adviceOf(call, failure, this.#options)}`, { cause: error });
      throw new Error(said, { cause: error });
    }
  }

  /** Its own tries and pauses are off: the callers know what may be repeated, and how soon. */
  #open(): Promise<Storage> {
    this.#storage ??= this.#load().catch((error: unknown) => {
      this.#storage = null;
      throw error;
    });
    return this.#storage;
  }

  async #load(): Promise<Storage> {
    const { project, apiEndpoint } = this.#options;
    const library = await import('@google-cloud/storage');
    const storage = new library.Storage({
      projectId: project,
      retryOptions: { autoRetry: false },
      ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
    });
    // The library takes STORAGE_EMULATOR_HOST of the environment for the whole address, and leaves out the path.
    if (apiEndpoint !== undefined) storage.baseUrl = `${storage.apiEndpoint}/storage/v1`;
    return storage;
  }

  /**
   * The library's own `timeout` does nothing on Node, and no call of it can be aborted. A call that is given up may take
   * effect all the same: each repeat looks at what there is.
   */
  #within<T>(what: string, work: Promise<T>): Promise<T> {
    const { clock, call_limit_ms } = this.#options;
    return new Promise((resolve, reject) => {
      const limit = clock.timer(call_limit_ms, () =>
        reject(new GcsUnavailable(`Cloud Storage, ${what}: no answer in ${call_limit_ms / 1000} s`, NO_ANSWER, false)),
      );
      work.then(resolve, reject).finally(() => limit.cancel());
    });
  }
}

const NO_ANSWER = { status: null } as const;

/** The client's errors have the status as `code`, those of the network a text. */
const failureOf = (error: unknown): Failure => {
  const { code, errors, message } = Object(error) as { code?: unknown; errors?: unknown; message?: unknown };
  const list: readonly unknown[] = Array.isArray(errors) ? errors : [];
  return {
    status: typeof code === 'number' ? code : null,
    reasons: list.flatMap((one) => {
      const { reason } = Object(one) as { reason?: unknown };
      return typeof reason === 'string' ? [reason] : [];
    }),
    // On one line and without an end of its own: it becomes a part of a sentence.
    message: String(message).replaceAll(/\s+/g, ' ').trim().replace(/\.$/, ''),
  };
};
