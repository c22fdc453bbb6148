import { expect, it } from 'vitest';
import { explainAdmin } from './explain.ts';

const cloud = { kind: 'google-cloud', project: 'p', database: '(default)', emulatorHost: undefined } as const;
const named = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name }, more);

it.each([
  [
    named('StoreLocked', 'held'),
    1,
    /^A server has the Firestore database \(default\) of the project p\. Stop it first/,
  ],
  [named('StoreBusy', 'no answer'), 1, /^OnMemOS can’t reach the Firestore .* nothing was changed .*Run this again\.$/],
  [named('Error', '7 PERMISSION_DENIED: no', { code: 7 }), 1, /Give your account the role Cloud Datastore User/],
  [named('Error', '16 UNAUTHENTICATED: no', { code: 16 }), 1, /Sign in with `gcloud auth application-default login`/],
  [named('Error', 'Could not load the default credentials. Browse'), 1, /^There are no credentials for .*Sign in with/],
  [named('Error', '5 NOT_FOUND: no database', { code: 5 }), 1, /Check ONMEMOS_PROJECT and ONMEMOS_DATABASE/],
  [named('Error', 'EACCES', { code: 'EACCES' }), 1, /^OnMemOS can’t write .*Run this as the user of the server\.$/],
  [named('BadSettings', 'ONMEMOS_PORT: must be a number'), 2, /^A setting is not valid:\n {2}ONMEMOS_PORT/],
  [named('BadUsage', 'Name the file.'), 2, /^Name the file\.$/],
])('says what to do about %s', (error, code, sentence) => {
  const explained = explainAdmin(error, cloud);
  expect(explained.code).toBe(code);
  expect(explained.sentence).toMatch(sentence);
  expect(explained.sentence).not.toContain('    at ');
});

it('leaves a fault of the program its stack', () => {
  expect(explainAdmin(new TypeError('x is not a function'), cloud).sentence).toMatch(/x is not a function\n {4}at /);
});
