import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashedName, providerStorageKey, resourceKey } from './names.ts';

const at = {
  deployment: 'd',
  owner: 'dev@example.com',
  workspace_id: 'ML.Experiments',
  kind: 'volume',
  name: 'default',
  made_at: '2026-11-01T00:00:00.000Z',
} as const;

describe('storage keys', () => {
  it('are the same for the same place and readable', () => {
    expect(providerStorageKey(at)).toBe(providerStorageKey({ ...at }));
    expect(providerStorageKey(at)).toMatch(/^oms-vol-ml-experiments-defau-[0-9a-f]{32}$/);
    expect(providerStorageKey({ ...at, kind: 'bucket' })).toMatch(/^oms-bkt-/);
  });

  it('never show the owner nor a word that bucket names may not hold', () => {
    expect(providerStorageKey({ ...at, owner: 'google' })).not.toContain('goog');
    expect(providerStorageKey({ ...at, workspace_id: 'G00gle' })).toMatch(/^oms-vol-[0-9a-f]{32}$/);
  });

  it('fit a folder, a volume claim and a cloud bucket, whatever the names are', () => {
    const word = fc.string({ maxLength: 130, unit: 'binary' });
    fc.assert(
      fc.property(word, word, word, word, (deployment, owner, workspace_id, name) => {
        const key = providerStorageKey({ deployment, owner, workspace_id, name, kind: 'bucket', made_at: at.made_at });
        expect(key).toMatch(/^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/);
      }),
    );
  });

  it('differ where any part differs, also where the parts join alike', () => {
    const part = fc.string({ maxLength: 4 });
    const place = fc.record({ deployment: part, owner: part, workspace_id: part, name: part, made_at: part });
    fc.assert(
      fc.property(place, place, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(providerStorageKey({ ...a, kind: 'volume' }) === providerStorageKey({ ...b, kind: 'volume' })).toBe(
          same,
        );
      }),
    );
    expect(hashedName('t', 'x-1')).not.toBe(hashedName('t', 'x', '1'));
  });
});

it('names a session’s resources', () => {
  const key = resourceKey('ses-01kbp2v4w8k3e5z7c9m1q3s5t7');
  expect(key).toBe('oms-ses-01kbp2v4w8k3e5z7c9m1q3s5t7');
  expect(key.length).toBeLessThanOrEqual(63);
});
