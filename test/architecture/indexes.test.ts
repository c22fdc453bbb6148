import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firestoreIndexes } from '#drivers/store/firestore/indexes.ts';
import { DOCUMENTS } from '#wiring/documents.ts';

const FILE = join(import.meta.dirname, '../../infra/firestore.indexes.json');

describe('the indexes of Firestore', () => {
  const wanted = firestoreIndexes(DOCUMENTS.collections);

  it('in infra/firestore.indexes.json are those that the collections declare: `npm run indexes` writes them', () => {
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(wanted);
  });

  it('are within what a database may have', () => {
    // Composite indexes, and overrides of single fields: https://firebase.google.com/docs/firestore/quotas
    expect(wanted.indexes.length).toBeLessThan(200);
    expect(wanted.fieldOverrides.length).toBeLessThan(200);
  });

  it('take automatic ones away, so that only declared ones are paid for', () => {
    const names = DOCUMENTS.collections.map(({ name }) => name);
    const without = wanted.fieldOverrides.filter(({ fieldPath, indexes }) => fieldPath === '*' && indexes.length === 0);
    expect(without.map(({ collectionGroup }) => collectionGroup)).toEqual(names);
  });
});
