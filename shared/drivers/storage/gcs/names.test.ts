import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketNames } from './names.ts';

const key = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,127}$/);
const names = bucketNames('project-1', 'prod');
const placeOf = (of: string) => ({ key: of, owner: 'Ann@Example.com', workspace_id: 'Mein Büro' });

describe('names of buckets', () => {
  it('are within the rules of Cloud Storage, labels too, and give the key back', () => {
    fc.assert(
      fc.property(key, (one) => {
        const name = names.nameOf(one);
        expect(name).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
        expect(name).not.toMatch(/^goog|g[o0]{2}g/);
        expect(name.startsWith(names.prefix)).toBe(true);
        const labels = names.labelsOf(placeOf(one));
        expect(Object.keys(labels).length).toBeLessThanOrEqual(64);
        for (const [label, value] of Object.entries(labels)) {
          expect(label).toMatch(/^[a-z][a-z0-9_-]{0,62}$/);
          expect(value).toMatch(/^[a-z0-9_-]{1,63}$/);
        }
        expect(names.keyOf(name, labels)).toBe(one);
      }),
    );
  });

  it('show a real key as it is, and no person’s name', () => {
    const labels = names.labelsOf(placeOf('oms-bkt-lab-data-0123456789abcdef0123456789abcdef'));
    expect(labels['onmemos-key']).toBe('oms-bkt-lab-data-0123456789abcdef0123456789abcdef');
    expect(JSON.stringify(labels)).not.toMatch(/ann|example|b.ro/i);
  });

  it('differ between projects, deployments and keys', () => {
    const all = [names, bucketNames('project-2', 'prod'), bucketNames('project-1', 'test')].flatMap((of) =>
      ['a', 'b'].map((one) => of.nameOf(one)),
    );
    expect(new Set(all).size).toBe(6);
  });

  it('take any name of a deployment, as it is or as a hash', () => {
    for (const deployment of ['prod', 'example.com:my-project', 'Prod', 'ü', 'x'.repeat(64)]) {
      const of = bucketNames('project-1', deployment);
      const labels = of.labelsOf(placeOf('a'));
      expect(labels['onmemos-deployment']).toMatch(/^[a-z0-9_-]{1,63}$/);
      expect(labels['onmemos-deployment'] === deployment).toBe(deployment === 'prod');
      expect(of.keyOf(of.nameOf('a'), labels)).toBe('a');
    }
  });

  it('are not read from a bucket of another deployment, or from one whose labels were copied', () => {
    const labels = names.labelsOf(placeOf('a'));
    expect(bucketNames('project-1', 'test').keyOf(names.nameOf('a'), labels)).toBeNull();
    expect(names.keyOf(names.nameOf('b'), labels)).toBeNull();
    expect(names.keyOf(names.nameOf('a'), { ...labels, 'onmemos-key': null })).toBeNull();
    expect(names.keyOf(names.nameOf('a'), undefined)).toBeNull();
  });
});
