import { nameHash } from '#domain/names.ts';
import type { SessionDoc } from './docs.ts';

/** Enough that two of one deployment hardly ever share one; a list looks again at what it found. */
const CHARACTERS = 20;
const term = (...parts: readonly string[]): string => nameHash(...parts).slice(0, CHARACTERS);

const ofLabel = (namespace: string | null, key: string, value: string | null): string =>
  term(...(namespace === null ? ['label'] : ['in', namespace]), key, ...(value === null ? [] : [value]));

/**
 * What a session can be found by, besides its state and whose it is: its namespace, each label, and both. A store asks
 * for one text of one list, so both together are a text of their own; by its hash, as labels may be long.
 */
export const sessionTerms = ({ namespace, labels }: Pick<SessionDoc, 'namespace' | 'labels'>): readonly string[] => [
  term('namespace', namespace),
  ...Object.entries(labels).flatMap(([key, value]) =>
    [null, namespace].flatMap((space) => [ofLabel(space, key, null), ofLabel(space, key, value)]),
  ),
];

/** A filter by label: `key=value`, or `key` for any value. */
export interface LabelFilter {
  readonly key: string;
  readonly value: string | null;
}

/** The text that sessions have which match; null where nothing is asked. */
export const termOf = (namespace: string | null, label: LabelFilter | null): string | null => {
  if (label !== null) return ofLabel(namespace, label.key, label.value);
  return namespace === null ? null : term('namespace', namespace);
};
