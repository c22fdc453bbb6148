/** What Firestore charges for: documents that are read, written and deleted. A query without a result is one read. */
export interface Operation {
  readonly verb: 'read' | 'write' | 'delete';
  readonly collection: string;
  readonly count: number;
  /** A query that found nothing. */
  readonly empty?: boolean;
}

/** Is told of everything that a store does. */
export interface Observer {
  operation?(operation: Operation): void;
}
