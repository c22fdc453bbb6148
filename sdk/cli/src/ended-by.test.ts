import type { OnMemOSClient } from 'onmemos';
import { expect, it, vi } from 'vitest';
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

it('says of a command that KILL ended in a running session how much memory there is', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const sessions = {
    get: async () => ({ status: 'running' }),
    usage: async () => ({ memory_limit_mb: 512 }),
  };
  const server = { sessions } as unknown as OnMemOSClient;
  const killed = ended({ status: 'killed', exit_code: null, signal: 'KILL', signal_number: 9 });
  expect(await endedBy(server, killed)).toBe(137);
  expect(said.mock.calls.map(([text]) => text)).toEqual([
    expect.stringMatching(/^onmemos: the command was ended by KILL\. .* memory of the session \(512Mi\) was used up;/),
  ]);
  said.mockClear();
  expect(await endedBy(server, { ...killed, signal: 'TERM', signal_number: 15 })).toBe(143);
  expect(await endedBy(server, { ...killed, status: 'timed_out' })).toBe(124);
  expect(said.mock.calls.map(([text]) => text)).toEqual(['onmemos: the command was ended at its timeout.\n']);
  said.mockRestore();
});
