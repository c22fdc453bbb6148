import { createHash } from 'node:crypto';
import type { ZodType } from 'zod';
import { ExecId, Labels, Namespace, SessionId, StorageName, UserId, WorkspaceId } from '#contract/entities/common.ts';

/** What callers may name, by the wire's own patterns: for ids that come from elsewhere than a request's body. */
const PATTERNS = {
  user_id: UserId,
  workspace_id: WorkspaceId,
  namespace: Namespace,
  storage_name: StorageName,
  session_id: SessionId,
  exec_id: ExecId,
  labels: Labels,
} as const satisfies Record<string, ZodType>;

/** Null where the name is fine, else the clause that says what is allowed. */
export const nameProblem = (kind: keyof typeof PATTERNS, value: unknown): string | null => {
  const read = PATTERNS[kind].safeParse(value);
  return read.success ? null : (read.error.issues[0]?.message ?? 'is not allowed');
};

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** Null where an Idempotency-Key header is fine, else the clause that says what is allowed. */
export const idempotencyKeyProblem = (value: string): string | null =>
  IDEMPOTENCY_KEY.test(value) ? null : 'is 1 to 255 visible ASCII characters without spaces';

/** Joined so that no two lists of parts give the same text. */
const digest = (parts: readonly string[], characters: number): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, characters);

/** A hash for names that must not come in sequence or show what they are made of. */
export const hashedName = (prefix: string, ...parts: readonly string[]): string => `${prefix}-${digest(parts, 32)}`;

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
  /** Sets this installation apart from every other one: cloud bucket names are shared by the whole world. */
  readonly deployment: string;
  readonly owner: string;
  readonly workspace_id: string;
  readonly kind: 'volume' | 'bucket';
  readonly name: string;
  /** When it was made: a removal that comes late does not meet one made again under the same name. */
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

const RESOURCE_PREFIX = 'oms-';

/** The name of a session's resources at every provider: a pod, a job, a sandbox. */
export const resourceKey = (session_id: string): string => `${RESOURCE_PREFIX}${session_id}`;

/** The session that a resource belongs to; null for a name that is not ours. */
export const sessionOfResource = (key: string): string | null =>
  /^oms-ses-[a-z0-9]+$/.test(key) ? key.slice(RESOURCE_PREFIX.length) : null;
