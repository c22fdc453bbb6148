import type { OnMemOSClient } from 'onmemos';
import { expect, it } from 'vitest';
import type { Ended } from './bridge/join.ts';
import { endedBy } from './ended-by.ts';

const client = {} as OnMemOSClient;
const ended = (given: Partial<Ended>) =>
  ({ status: 'exited', exit_code: 0, signal: null, tty: false, dropped: false, ...given }) as Ended;

it('ends with the command’s code, and never with 0 where some of its output was not read', async () => {
  expect(await endedBy(client, ended({}))).toBe(0);
  expect(await endedBy(client, ended({ dropped: true }))).toBe(125);
  expect(await endedBy(client, ended({ dropped: true, exit_code: 7 }))).toBe(7);
  expect(await endedBy(client, ended({ dropped: true, tty: true }))).toBe(0);
});
