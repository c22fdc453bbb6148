import { createHash } from 'node:crypto';

/** Joins parts so that different lists give different texts. */
const digest = (parts: readonly string[], characters: number): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, characters);

/** A hash for names that must not be sequential or reveal their parts. */
export const hashedName = (prefix: string, ...parts: readonly string[]): string => `${prefix}-${digest(parts, 32)}`;

/** What people have named, as an id of a document holds it. */
export const nameHash = (...parts: readonly string[]): string => digest(parts, 40);

/** Cloud bucket names may not hold this word or anything like it. */
const RESERVED = /g[o0]{2}g/;

const slug = (text: string): string => {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 20)
    .replace(/^-+|-+$/g, '');
  return plain === '' || RESERVED.test(plain) ? '' : `${plain}-`;
};

export interface StorageOwner {
  /** Distinguishes this installation, because names of cloud buckets are globally unique. */
  readonly deployment: string;
  readonly owner: string;
  readonly workspace_id: string;
  readonly kind: 'volume' | 'bucket';
  readonly name: string;
  /** When it was created. So a late removal does not remove storage that was created again under the same name. */
  readonly made_at: string;
}

/**
 * The key of a volume or bucket at its provider: the same for the same owner, workspace, name and birth, and fit for a
 * folder, a volume claim and a cloud bucket (lower case, 63 characters at most). The owner, who may be a mail
 * address, is in the hash alone.
 */
export const providerStorageKey = (at: StorageOwner): string => {
  const hash = digest([at.deployment, at.owner, at.workspace_id, at.kind, at.name, at.made_at], 32);
  return `oms-${at.kind === 'volume' ? 'vol' : 'bkt'}-${slug(`${at.workspace_id}-${at.name}`)}${hash}`;
};

/** The name of a session's resources at every provider: a pod, a job, a sandbox. */
export const resourceKey = (session_id: string): string => `oms-${session_id}`;
