import type { Ids } from '#ports/ids.ts';
import { sha256 } from '../kernel/hash.ts';

/** `omk_<key id>_<secret>`: the id finds the document, the secret proves it. Ids hold no underscore. */
const SHAPE = /^omk_([a-z0-9-]{1,40})_([A-Za-z0-9_-]{43})$/;

export interface NewSecret {
  readonly key_id: string;
  /** The whole key as its holder presents it. Never stored. */
  readonly presented: string;
  readonly secret_sha256: string;
}

/** A new key with a 256-bit secret. */
export const newSecret = (ids: Ids): NewSecret => {
  const key_id = ids.next('key');
  const secret = Buffer.from(ids.random(32)).toString('base64url');
  return { key_id, presented: `omk_${key_id}_${secret}`, secret_sha256: sha256(secret) };
};

/** The two parts of a presented key; null if it can't be a key. */
export const parseKey = (presented: string): { readonly key_id: string; readonly secret_sha256: string } | null => {
  const match = SHAPE.exec(presented);
  return match?.[1] && match[2] ? { key_id: match[1], secret_sha256: sha256(match[2]) } : null;
};
