/** A request to Cloud Storage. */
export interface Asked {
  readonly method: string;
  /** Below `/storage/v1`, decoded, such as `/b/my-bucket/o/my file`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly authorization: string | null;
}
