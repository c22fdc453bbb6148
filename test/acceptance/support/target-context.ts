interface Target {
  readonly url: string;
  /** An admin key. */
  readonly key: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server under test. */
    onmemos: Target;
    /** One whose sessions are priced as if they ran on GKE; null where the server under test was given from outside. */
    onmemosPriced: Target | null;
  }
}
