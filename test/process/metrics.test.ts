import { afterAll, beforeAll, expect, it } from 'vitest';
import { OnMemOSClient } from '../../sdk/typescript/src/index.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => stopServer(server));

const figure = async (name: string): Promise<number | null> => {
  const answer = await fetch(`${server.url}/metrics`, { headers: { 'x-api-key': server.key } });
  const line = (await answer.text()).split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length));
};

it('a machine shows how many sessions it has, and each start once', async () => {
  const client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, user: 'ann' });
  const starts = 'onmemos_session_time_to_running_seconds_count';
  const first = await client.sessions.create({ ttl_minutes: 5 });
  expect([await figure('onmemos_sessions{status="running"}'), await figure(starts)]).toEqual([1, 1]);
  const more = await Promise.all([1, 2].map(() => client.sessions.create({ ttl_minutes: 5 })));
  expect([await figure('onmemos_sessions{status="running"}'), await figure(starts)]).toEqual([3, 3]);
  await Promise.all([first, ...more].map(({ id }) => client.sessions.delete(id)));
  expect([await figure('onmemos_sessions{status="running"}'), await figure(starts)]).toEqual([0, 3]);
});
