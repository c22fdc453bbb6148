import { describe } from 'vitest';
import { documentTests } from './documents.ts';
import { edgeTests } from './edges.ts';
import type { OpenStore } from './fixture.ts';
import { interleavingTests } from './interleavings.ts';
import { queryTests } from './queries.ts';
import { transactionTests } from './transactions.ts';

/** What every driver of the Store port keeps. `open` gives an empty store with the collections it is handed. */
export const storeConformance = (name: string, open: OpenStore): void => {
  describe(`store: ${name}`, () => {
    documentTests(open);
    queryTests(open);
    transactionTests(open);
    edgeTests(open);
    interleavingTests(open);
  });
};
