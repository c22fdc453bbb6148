import { protos as firestore } from '@google-cloud/firestore-api';
import { protos as tasks } from '@google-cloud/tasks';
import type { Header } from '#platform/protocol/frames.ts';

const { BatchGetDocumentsRequest, RunQueryRequest, CommitRequest } = firestore.google.firestore.v1;
const { CreateTaskRequest } = tasks.google.cloud.tasks.v2;

/** `projects/P/databases/D/documents/COLLECTION/ID` */
const collectionOf = (name: string | null | undefined): string => name?.split('/')[5] ?? 'nothing';

const together = (names: readonly string[]): string => [...new Set(names)].sort().join(' and ');

const read = (request: Buffer): string => {
  const { documents, transaction, newTransaction } = BatchGetDocumentsRequest.decode(request);
  const what = `read ${together(documents.map(collectionOf))}`;
  return newTransaction || (transaction?.length ?? 0) > 0 ? `${what} in a transaction` : what;
};

const query = (request: Buffer): string => {
  const { structuredQuery } = RunQueryRequest.decode(request);
  const from = structuredQuery?.from?.[0]?.collectionId ?? 'nothing';
  const by = structuredQuery?.orderBy?.[0]?.field?.fieldPath;
  return by === undefined ? `query ${from}` : `query ${from} by ${by}`;
};

/** A commit is named by its entries of the audit log, which say what it does; without one, by what it writes. */
const commit = (request: Buffer): string => {
  const { writes } = CommitRequest.decode(request);
  const actions = writes
    .filter(({ update }) => collectionOf(update?.name) === 'audit')
    .map(({ update }) => String(update?.fields?.['action']?.stringValue));
  if (actions.length > 0) return `commit ${together(actions)}`;
  if (writes.length === 0) return 'commit reads';
  const deleted = writes.flatMap((write) => (write.delete ? [collectionOf(write.delete)] : []));
  const put = writes.flatMap(({ update }) => (update ? [collectionOf(update.name)] : []));
  return [put.length > 0 ? `write ${together(put)}` : '', deleted.length > 0 ? `delete ${together(deleted)}` : '']
    .filter((part) => part !== '')
    .join(', ');
};

const NAMES: Readonly<Record<string, (request: Buffer) => string>> = {
  BatchGetDocuments: read,
  RunQuery: query,
  Commit: commit,
  BeginTransaction: () => 'begin a transaction',
  Rollback: () => 'roll back',
};

/** The name of a call to Firestore. */
export const storeCall = (method: string, request: Buffer): string => NAMES[method]?.(request) ?? method;

/** The name of a call to Cloud Tasks: a task that is enqueued, by the path at which the worker takes it. */
export const queueCall = (method: string, request: Buffer): string =>
  method === 'CreateTask'
    ? `enqueue ${CreateTaskRequest.decode(request).task?.httpRequest?.url?.split('/').at(-1)}`
    : method;

/** The name of a call to the keeper; null for one that keeps a connection alive. */
export const keeperCall = ({ op }: Header, session: boolean): string | null =>
  op === 'ping' ? null : `${session ? 'command' : 'sandbox'} ${String(op)}`;
