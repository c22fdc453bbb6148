import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';
import { idleSettings } from './standalone.ts';

it.each([
  ['closed by the operator', { ONMEMOS_NETWORK_PRIVATE: 'closed' }, 0],
  ['open, as only this machine reaches the server', {}, 1],
  ['closed, as others reach it', { ONMEMOS_HOST: '0.0.0.0' }, 0],
  ['opened by the operator', { ONMEMOS_HOST: '0.0.0.0', ONMEMOS_NETWORK_PRIVATE: 'open' }, 1],
])('tells of ranges that are allowed where private networks are %s', (_where, settings, told) => {
  const notes = (allow: string) => idleSettings(readSettings({ ...settings, ONMEMOS_NETWORK_ALLOW: allow }));
  expect(notes('10.1.0.0/16')).toEqual(
    Array.from({ length: told }, () => expect.stringMatching(/^ONMEMOS_NETWORK_ALLOW has no effect: /)),
  );
  expect(notes('')).toEqual([]);
});
