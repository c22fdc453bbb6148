import type { Collection } from '#ports/store.ts';
import { fieldsOf, isList } from '../rules.ts';

type Order = 'ASCENDING' | 'DESCENDING';
type Field = { readonly fieldPath: string } & ({ readonly order: Order } | { readonly arrayConfig: 'CONTAINS' });

interface CompositeIndex {
  readonly collectionGroup: string;
  readonly queryScope: 'COLLECTION';
  readonly fields: readonly Field[];
}

interface FieldOverride {
  readonly collectionGroup: string;
  readonly fieldPath: string;
  readonly indexes: readonly { readonly order: Order; readonly queryScope: 'COLLECTION' }[];
}

/** What the Firebase command line deploys. */
export interface FirestoreIndexes {
  readonly indexes: readonly CompositeIndex[];
  readonly fieldOverrides: readonly FieldOverride[];
}

const orderOf = (field: string): Order => (field.endsWith(' desc') ? 'DESCENDING' : 'ASCENDING');

const compositeOf = (collection: Collection<unknown>, index: readonly string[]): CompositeIndex => ({
  collectionGroup: collection.name,
  queryScope: 'COLLECTION',
  fields: fieldsOf(index).map((fieldPath, i) =>
    isList(collection, fieldPath)
      ? { fieldPath, arrayConfig: 'CONTAINS' }
      : { fieldPath, order: orderOf(index[i] ?? '') },
  ),
});

/** Without automatic indexes on all fields, of which each costs at every write. */
const overridesOf = ({ name, indexes }: Collection<unknown>): readonly FieldOverride[] => {
  const byField = new Map<string, Set<Order>>();
  for (const index of indexes) {
    const [field = ''] = fieldsOf(index);
    if (index.length === 1) byField.set(field, (byField.get(field) ?? new Set()).add(orderOf(index[0] ?? '')));
  }
  const single = [...byField].map(([fieldPath, orders]) => ({
    collectionGroup: name,
    fieldPath,
    indexes: [...orders].map((order) => ({ order, queryScope: 'COLLECTION' as const })),
  }));
  return [{ collectionGroup: name, fieldPath: '*', indexes: [] }, ...single];
};

/** Every index that the declared queries need, and no other. */
export const firestoreIndexes = (collections: readonly Collection<unknown>[]): FirestoreIndexes => ({
  indexes: collections.flatMap((collection) =>
    collection.indexes.filter(({ length }) => length > 1).map((index) => compositeOf(collection, index)),
  ),
  fieldOverrides: collections.flatMap(overridesOf),
});
