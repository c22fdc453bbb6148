import type { Asked } from './asked.ts';

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const bucketIn = (path: string): string | null => /^\/b\/([^/]+)\/?$/.exec(path)?.[1] ?? null;
const isList = (path: string): boolean => path === '/b' || path === '/b/';

/**
 * What buckets were made with, as Cloud Storage would answer it. fake-gcs-server keeps a bucket's name, versioning and
 * instants alone.
 */
export class BucketSettings {
  readonly #made = new Map<string, Json>();

  /** Notes what an answer has changed. @returns its body, with the settings of the buckets in it */
  follow({ method, path, body }: Asked, answer: { readonly status: number; readonly body: Buffer }): Buffer {
    if (answer.status < 200 || answer.status > 299) return answer.body;
    const bucket = bucketIn(path);
    if (method === 'POST' && isList(path) && isJson(body)) this.#made.set(String(body['name']), body);
    if (method === 'DELETE' && bucket !== null) this.#made.delete(bucket);
    if (method === 'DELETE' || (bucket === null && !isList(path))) return answer.body;
    const read: unknown = JSON.parse(answer.body.toString());
    if (!isJson(read)) return answer.body;
    const { items } = read;
    return Buffer.from(
      JSON.stringify(
        Array.isArray(items) ? { ...read, items: items.map((one) => this.#whole(one)) } : this.#whole(read),
      ),
    );
  }

  #whole(bucket: unknown): unknown {
    return isJson(bucket) ? { ...bucket, ...this.#made.get(String(bucket['name'])) } : bucket;
  }
}
