import { protos } from '@google-cloud/firestore-api';
import { COMMIT_FIELD } from '#drivers/store/rules.ts';
import { decodeFields } from '#drivers/store/firestore/values.ts';

const { CommitRequest, CommitResponse } = protos.google.firestore.v1;

/** One document of a commit as it was left; null: deleted. */
interface Written {
  readonly collection: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>> | null;
}

interface Commit {
  /** The server’s instant, nanoseconds. */
  readonly at: bigint;
  readonly writes: readonly Written[];
}

const placeOf = (name: string): Pick<Written, 'collection' | 'id'> => {
  const [, collection, id] = /\/documents\/([^/]+)\/(.+)$/.exec(name) ?? [];
  if (collection === undefined || id === undefined) throw new Error(`${name} is no document of this store`);
  return { collection, id };
};

/** Every commit that the server made, whether the caller heard of it or not. */
export class CommitLog {
  readonly #commits: Commit[] = [];

  add(request: Buffer, answer: Buffer): void {
    const { commitTime } = CommitResponse.decode(answer);
    const writes = CommitRequest.decode(request).writes.map((write): Written => {
      if (write.delete) return { ...placeOf(write.delete), data: null };
      const { [COMMIT_FIELD]: _, ...data } = decodeFields(write.update?.fields ?? {});
      return { ...placeOf(write.update?.name ?? ''), data };
    });
    if (writes.length === 0) return;
    const at = BigInt(String(commitTime?.seconds ?? 0)) * 1_000_000_000n + BigInt(commitTime?.nanos ?? 0);
    this.#commits.push({ at, writes });
  }

  /** In the order in which the server made them. */
  inOrder(): readonly Commit[] {
    return this.#commits.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }
}
