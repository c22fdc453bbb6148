import { createHash } from 'node:crypto';
import type { StoragePlace } from '#ports/storages.ts';

const KEY = /^[a-z0-9][a-z0-9._-]{0,127}$/;
const LABEL = /^[a-z0-9_-]{1,63}$/;
/** The most characters of a label's value. */
const LABEL_CHARACTERS = 63;

/** Labels of each bucket. The prefix keeps them apart from labels that an operator adds. */
const LABELS = {
  deployment: 'onmemos-deployment',
  owner: 'onmemos-owner',
  workspace: 'onmemos-workspace',
  key: 'onmemos-key',
} as const;

export type Labels = Readonly<Record<string, string | null>>;

const digest = (parts: readonly string[], characters: number): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, characters);

/** Labels have no dots. No real key has an underscore or a dot, so its label is the key itself. */
const escaped = (key: string): string => key.replaceAll('_', '__').replaceAll('.', '_d');
const unescaped = (text: string): string => text.replaceAll(/__|_d/g, (pair) => (pair === '__' ? '_' : '.'));

/** A long key has several labels: the first is named like the label, the next ones have a number behind that. */
const keyLabel = (index: number): string => (index === 0 ? LABELS.key : `${LABELS.key}-${index + 1}`);

const keyLabels = (key: string): Labels => {
  const text = escaped(key);
  const labels: Record<string, string> = {};
  for (let index = 0; index * LABEL_CHARACTERS < text.length; index++)
    labels[keyLabel(index)] = text.slice(index * LABEL_CHARACTERS, (index + 1) * LABEL_CHARACTERS);
  return labels;
};

const keyIn = (labels: Labels): string => {
  let text = '';
  for (let index = 0; ; index++) {
    const part = labels[keyLabel(index)];
    if (typeof part !== 'string') return unescaped(text);
    text += part;
  }
};

/** The names and labels of one deployment's buckets. */
export interface BucketNames {
  /** With what all of its buckets' names begin. */
  readonly prefix: string;
  /** The name of a bucket, which is unique among all buckets of Google Cloud. @throws TypeError */
  nameOf(key: string): string;
  /** Owner and workspace are there as hashes only: everybody who may see the project sees labels. */
  labelsOf(place: StoragePlace): Labels;
  /** The key of a bucket of this deployment; null if the bucket is not one. */
  keyOf(bucket: string, labels: Labels | undefined): string | null;
}

export const bucketNames = (project: string, deployment: string): BucketNames => {
  // Readable where it can be: ids of projects may have a colon and dots.
  const label = LABEL.test(deployment) ? deployment : digest([deployment], 40);
  // Hexadecimal digits can't spell the words that bucket names may not have.
  const prefix = `oms-${digest([project, deployment], 12)}-`;
  const nameOf = (key: string): string => {
    if (!KEY.test(key)) throw new TypeError(`${JSON.stringify(key.slice(0, 80))} can’t be the key of a bucket`);
    return `${prefix}${digest([project, deployment, key], 40)}`;
  };
  return {
    prefix,
    nameOf,
    labelsOf: ({ key, owner, workspace_id }) => ({
      [LABELS.deployment]: label,
      [LABELS.owner]: digest([owner], 40),
      [LABELS.workspace]: digest([owner, workspace_id], 40),
      ...keyLabels(key),
    }),
    keyOf: (bucket, labels = {}) => {
      if (labels[LABELS.deployment] !== label) return null;
      const key = keyIn(labels);
      return KEY.test(key) && nameOf(key) === bucket ? key : null;
    },
  };
};
