import { expect, it } from 'vitest';
import { explain } from './explain.ts';

const at = { port: 8080, host: 'no.such.host', dataDir: '/data' };

it.each([
  ['ENOTFOUND', 'ONMEMOS_HOST'],
  ['EAI_AGAIN', 'ONMEMOS_HOST'],
  ['EADDRNOTAVAIL', 'ONMEMOS_HOST'],
  ['EADDRINUSE', 'ONMEMOS_PORT'],
  ['EROFS', 'ONMEMOS_DATA_DIR'],
])('a start that ends with %s is a sentence that names %s', (code, setting) => {
  const sentence = explain(Object.assign(new Error('failed'), { code }), at);
  expect(sentence).toContain(setting);
  expect(sentence).not.toContain('\n');
});

it('leaves a fault of the program to its stack', () => {
  expect(explain(new TypeError('x is not a function'), at)).toBeNull();
});

it('says what a keyring lacks', () => {
  const error = Object.assign(new Error('/data/keyring.json is not a keyring: it is not JSON.'), {
    name: 'KeyringUnusable',
  });
  expect(explain(error, at)).toBe(error.message);
});
