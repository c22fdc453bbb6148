import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { connectFrames } from './client.ts';
import { serveExec } from './serve.ts';

/** A stream that broke and emitted its events before any listener was added. */
const broken = async () => {
  const [stream] = duplexPair();
  stream.on('error', () => {});
  stream.destroy(new Error('the other end is gone'));
  await new Promise((resolve) => stream.once('close', resolve));
  return stream;
};

describe('a stream that was over before it carried frames', () => {
  it('is a broken connection for the caller', async () => {
    await expect(connectFrames(await broken())).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('the other end is gone'),
    });
  });

  it('is a closed connection for the server', async () => {
    const { closed } = serveExec(await broken(), { open: () => new Promise(() => undefined) });
    expect(await closed).toBeUndefined();
  });
});
