import type { protos } from '@google-cloud/firestore-api';
import type { Collection, Doc, Version } from '#ports/store.ts';
import { asRead, COMMIT_FIELD, serialize } from '../rules.ts';
import { decodeFields, encodeFields } from './values.ts';

export type Document = protos.google.firestore.v1.IDocument;
export type Write = protos.google.firestore.v1.IWrite;
type Instant = protos.google.protobuf.ITimestamp;

/** `projects/P/databases/D/documents`, below which all documents are. */
export type Root = string;

export const nameOf = (root: Root, collection: string, id: string): string => `${root}/${collection}/${id}`;

const idOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** The server's instant of the last change. */
const versionAt = (seconds: number | string, nanos: number): Version => `${seconds}.${String(nanos).padStart(9, '0')}`;

/** Null where the text is no version of this store; then no document has it. */
const instantOf = (version: Version): Instant | null => {
  // Instants of the server are whole microseconds. It takes the instant 0 for none.
  const [, seconds, nanos] = /^([1-9]\d{0,10})\.(\d{6}000)$/.exec(version) ?? [];
  return seconds === undefined ? null : { seconds, nanos: Number(nanos) };
};

/** A document as the port has it, without the field of the store's own. @param changed of the server's last change */
export const docAt = <T>(
  collection: Collection<T>,
  id: string,
  stored: Readonly<Record<string, unknown>>,
  changed: { readonly seconds: number | string; readonly nanos: number },
): Doc<T> => {
  const { [COMMIT_FIELD]: _commit, ...data } = stored;
  return { id, version: versionAt(changed.seconds, changed.nanos), data: asRead(collection, data) };
};

export const docOf = <T>(collection: Collection<T>, { name, fields, updateTime }: Document): Doc<T> =>
  docAt(collection, idOf(name ?? ''), decodeFields(fields ?? {}), {
    seconds: String(updateTime?.seconds ?? 0),
    nanos: updateTime?.nanos ?? 0,
  });

/** Documents in the order in which they were asked for; null where there is none. */
export const inOrder = <T>(
  collection: Collection<T>,
  names: readonly string[],
  found: readonly Document[],
): (Doc<T> | null)[] => {
  const byName = new Map(found.map((document) => [document.name ?? '', document]));
  return names.map((name) => {
    const document = byName.get(name);
    return document === undefined ? null : docOf(collection, document);
  });
};

/** By which commit a document was written; null where it does not say. */
export const commitOf = ({ fields }: Document): string | null => fields?.[COMMIT_FIELD]?.stringValue ?? null;

export interface Target {
  readonly root: Root;
  readonly collection: Collection<unknown>;
  readonly id: string;
}

/** A write, and the bytes of its document. */
export interface SizedWrite {
  readonly write: Write;
  readonly bytes: number;
}

interface Sized {
  readonly document: Document;
  readonly bytes: number;
}

/** The document as it is sent. What the caller changes later does not reach it. @throws TypeError, RangeError */
const documentOf = ({ root, collection, id }: Target, data: unknown, commit: string | null): Sized => {
  const text = serialize(collection, id, data);
  const plain = JSON.parse(text) as Record<string, unknown>;
  const marked = commit === null ? plain : { ...plain, [COMMIT_FIELD]: commit };
  const document = { name: nameOf(root, collection.name, id), fields: encodeFields(marked) };
  return { document, bytes: Buffer.byteLength(text) };
};

/** `commit` is kept in the document, to be found by a caller that did not hear of its commit. */
export const createOf = (target: Target, data: unknown, commit: string): SizedWrite => {
  const { document, bytes } = documentOf(target, data, commit);
  return { write: { update: document, currentDocument: { exists: false } }, bytes };
};

export const putOf = (target: Target, data: unknown): SizedWrite => {
  const { document, bytes } = documentOf(target, data, null);
  return { write: { update: document }, bytes };
};

/** Null where no document can have that version. */
export const putAtOf = (target: Target, data: unknown, version: Version, commit: string): Write | null => {
  const { document: update } = documentOf(target, data, commit);
  const updateTime = instantOf(version);
  return updateTime && { update, currentDocument: { updateTime } };
};

export const deleteOf = ({ root, collection, id }: Target): Write => ({ delete: nameOf(root, collection.name, id) });

/** Null where no document can have that version. */
export const deleteAtOf = (target: Target, version: Version): Write | null => {
  const updateTime = instantOf(version);
  return updateTime && { ...deleteOf(target), currentDocument: { updateTime } };
};
