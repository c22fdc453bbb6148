/** Writes firestore.indexes.json from the indexes that the collections declare. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firestoreIndexes } from '#drivers/store/firestore/indexes.ts';
import { DOCUMENTS } from '#wiring/documents.ts';

const file = join(import.meta.dirname, 'firestore.indexes.json');
await writeFile(file, `${JSON.stringify(firestoreIndexes(DOCUMENTS.collections), null, 2)}\n`);
console.log('infra/firestore.indexes.json');
