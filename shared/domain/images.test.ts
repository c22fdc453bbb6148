import { describe, expect, it } from 'vitest';
import { IMAGE_TYPES } from '#contract/entities/session.ts';
import { defaultImage, IMAGES, imageReference, resolveImage } from './images.ts';

it('knows every image type of the wire', () => {
  expect([...Object.keys(IMAGES), 'custom'].sort()).toEqual([...IMAGE_TYPES].sort());
});

describe('the image when none is asked for', () => {
  it.each([
    ['python', 'free_micro', 'python'],
    ['Node', 'free_micro', 'nodejs'],
    ['jupyter', 'dev_small', 'jupyter_enterprise'],
    ['constructor', 'dev_small', 'ubuntu'],
    ['my-own-word', 'dev_micro', 'alpine'],
    ['custom', 'dev_micro', 'alpine'],
    [null, 'compute_small', 'ubuntu'],
    [null, 'compute_medium', 'python'],
    [null, 'ds_small', 'python'],
    [null, 'ml_t4_small', 'python'],
    [null, 'ml_a100_small', 'cuda_enterprise'],
    [undefined, 'ml_h100_large', 'cuda_enterprise'],
  ] as const)('template %s, package %s: %s', (template, name, image) =>
    expect(defaultImage(template, name)).toBe(image),
  );
});

describe('an image_spec', () => {
  const resolve = (spec: Parameters<typeof resolveImage>[0]) => resolveImage(spec, 'python', 'dev_small');

  it('wins over the template', () => {
    expect(resolve({ image_type: 'rust' })).toEqual({ ok: true, image: { type: 'rust', url: null, tag: null } });
    expect(resolve({ image_tag: '3.11-slim' })).toEqual({
      ok: true,
      image: { type: 'python', url: null, tag: '3.11-slim' },
    });
  });

  it('with a reference alone is custom', () => {
    expect(resolve({ image_url: 'team/app:1' })).toEqual({
      ok: true,
      image: { type: 'custom', url: 'team/app:1', tag: null },
    });
  });

  it('names the field that does not fit', () => {
    const field = (spec: Parameters<typeof resolveImage>[0]) => {
      const result = resolve(spec);
      return result.ok ? null : result.error.field;
    };
    expect(field({ image_type: 'cobol' })).toBe('image_spec.image_type');
    expect(field({ image_type: 'custom' })).toBe('image_spec.image_url');
    expect(field({ image_type: 'rust', image_url: 'team/app' })).toBe('image_spec.image_url');
  });
});

it('writes references', () => {
  expect(imageReference({ type: 'python', url: null, tag: null })).toMatch(/^python:3\.\d+-slim$/);
  expect(imageReference({ type: 'python_pro', url: null, tag: '3.11-slim' })).toBe('python:3.11-slim');
  expect(imageReference({ type: 'custom', url: 'host:5000/team/app', tag: 'v2' })).toBe('host:5000/team/app:v2');
  expect(imageReference({ type: 'custom', url: 'team/app:v1', tag: 'v2' })).toBe('team/app:v1');
  expect(imageReference({ type: 'custom', url: 'team/app@sha256:0', tag: 'v2' })).toBe('team/app@sha256:0');
});
