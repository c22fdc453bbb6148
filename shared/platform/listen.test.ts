import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { listen } from './listen.ts';

const FOR_EVER_MS = 3_600_000;

const opened = async (grace_ms: number) => {
  const answers: ServerResponse[] = [];
  const server = createServer((_request, response) => void answers.push(response));
  // A client's connection stays open for as long as the server lets it.
  server.keepAliveTimeout = FOR_EVER_MS;
  const serving = await listen(server, { host: '127.0.0.1', port: 0, clock: systemClock, grace_ms });
  const agent = new Agent({ keepAlive: true });
  const ask = async (): Promise<IncomingMessage> => {
    const [answer] = (await once(get(serving.url, { agent }), 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return answer;
  };
  const asked = async (count: number): Promise<void> => {
    while (answers.length < count) await systemClock.sleep(5);
  };
  return { serving, answers, ask, asked };
};

it('closes when the open answers are out, whatever connections clients keep', async () => {
  const { serving, answers, ask, asked } = await opened(FOR_EVER_MS);
  const first = ask();
  await asked(1);
  answers[0]?.end('first');
  await first;
  const second = ask();
  await asked(2);
  const closed = serving.close();
  answers[1]?.end('second');
  expect((await second).statusCode).toBe(200);
  await closed;
  await expect(fetch(serving.url)).rejects.toThrow();
});

it('aborts an answer that takes longer than the time it has', async () => {
  const { serving, ask, asked } = await opened(50);
  const cut = ask().catch((error: unknown) => error);
  await asked(1);
  await serving.close();
  expect(await cut).toBeInstanceOf(Error);
});
