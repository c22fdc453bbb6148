interface Target {
  readonly url: string;
  /** An admin key. */
  readonly key: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server under test. */
    onmemos: Target;
    /**
     * A server whose sessions are priced as if they ran on GKE; null if the server under test was given from outside.
     */
    onmemosPriced: Target | null;
  }
}
