import { createServer as createHttp } from 'node:http';
import { createServer as createTcp, type Server } from 'node:net';
import { ConnectionFailed } from 'onmemos';
import { describe, expect, it } from 'vitest';
import { connectionWords } from './connection-words.ts';
import { tell } from './errors.ts';

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as { port: number }).port;
};

const failure = (url: string): Promise<unknown> =>
  fetch(url, { signal: AbortSignal.timeout(10_000) })
    .then(async (answer) => JSON.parse(await answer.text()) as unknown)
    .then(
      () => null,
      (error: unknown) => error,
    );

const said = async (url: string): Promise<readonly string[]> =>
  tell(new ConnectionFailed(url, await failure(url))).lines;

describe('a server that is not reached', () => {
  it('is told apart by its cause: nothing there, an unknown host, TLS on a plain port, something else', async () => {
    const http = createHttp((_request, response) => response.end('<html>'));
    const port = await listening(http);
    expect(await said(`https://127.0.0.1:${port}`)).toEqual([
      `The server at https://127.0.0.1:${port} does not speak TLS.`,
      `Use http://127.0.0.1:${port}, or the port on which it speaks https.`,
    ]);
    expect((await said(`http://127.0.0.1:${port}`))[0]).toContain('is not an OnMemOS server');
    await new Promise((done) => http.close(done));
    expect((await said(`http://127.0.0.1:${port}`))[0]).toBe(`Nothing listens on port ${port} of 127.0.0.1.`);
    expect((await said('http://no-such-host.invalid:8080'))[0]).toContain('"no-such-host.invalid" is not known');
    expect((await said('http://127.0.0.1:1'))[0]).toContain('Port 1 is reserved');
  });

  it('and closes the connection may speak https', async () => {
    const tcp = createTcp((socket) => socket.destroy());
    const port = await listening(tcp);
    expect((await said(`http://127.0.0.1:${port}`)).join(' ')).toMatch(/was closed .* use https:\/\/127/);
    await new Promise((done) => tcp.close(done));
  });

  it('for a reason of its own keeps its sentence', () => {
    expect(connectionWords('http://x', new Error('odd'))).toBeNull();
    expect(tell(new ConnectionFailed('http://x', new Error('odd'))).lines[0]).toContain('http://x');
  });
});
