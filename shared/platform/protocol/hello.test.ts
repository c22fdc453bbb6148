import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ExecError } from '#ports/exec.ts';
import { connectFrames } from './client.ts';
import { FrameDecoder } from './decode.ts';
import { encodeFrame } from './encode.ts';
import { FRAME, type Frame, type FrameType, type Header } from './frames.ts';
import { serveExec } from './serve.ts';
import { commonVersion, NEWEST_VERSION, OLDEST_VERSION, versionsText } from './versions.ts';

/** The server's answer to this first frame: its hello, or an error. */
const answerTo = async (type: FrameType, header: Header): Promise<Frame> => {
  const [near, far] = duplexPair();
  serveExec(far, { open: async () => ({ channel: null }) });
  near.write(encodeFrame(type, header));
  const [bytes] = (await once(near, 'data')) as [Buffer];
  const [frame] = new FrameDecoder().push(bytes);
  if (!frame) throw new Error('the answer is no whole frame');
  if (frame.type === FRAME.error) {
    near.resume();
    await once(near, 'end');
  }
  return frame;
};

/** The client's result for a server's first frame. */
const clientMeets = async (type: FrameType, header: Header): Promise<unknown> => {
  const [near, far] = duplexPair();
  far.write(encodeFrame(type, header));
  return connectFrames(near).then(
    (client) => client.close(),
    (error: unknown) => error,
  );
};

describe('the hello', () => {
  it('agrees on the highest version that both speak', () => {
    const own = { oldest: 2, newest: 4 };
    const other = (oldest: number, newest: number) => commonVersion({ oldest, newest }, own);
    expect([other(1, 2), other(2, 3), other(4, 9), other(3, 3)]).toEqual([2, 3, 4, 3]);
    expect([other(1, 1), other(5, 9)]).toEqual([null, null]);
    expect(versionsText(own)).toBe('versions 2 to 4');
  });

  it('is answered with that version, also if the other side is newer', async () => {
    const hello = { type: FRAME.hello, header: { version: NEWEST_VERSION } };
    expect(await answerTo(FRAME.hello, { version: NEWEST_VERSION })).toMatchObject(hello);
    expect(await answerTo(FRAME.hello, { version: 99, oldest: OLDEST_VERSION })).toMatchObject(hello);
  });

  it('without a common version is refused with the versions of this side', async () => {
    for (const offered of [{ version: 99 }, { version: 99, oldest: 98 }, { version: 0 }]) {
      const { type, header } = await answerTo(FRAME.hello, offered);
      expect(type).toBe(FRAME.error);
      expect(header).toMatchObject({ ch: 0, code: 'version', version: NEWEST_VERSION, oldest: OLDEST_VERSION });
    }
  });

  it('is refused as invalid if the first frame is not a hello', async () => {
    const invalid = { type: FRAME.error, header: { ch: 0, code: 'invalid' } };
    expect(await answerTo(FRAME.call, { ch: 1, op: 'ping' })).toMatchObject(invalid);
    expect(await answerTo(FRAME.hello, {})).toMatchObject(invalid);
    expect(await answerTo(FRAME.hello, { version: '1' })).toMatchObject(invalid);
    expect(await answerTo(FRAME.hello, { version: 1, oldest: 2 })).toMatchObject(invalid);
  });

  it('distinguishes different versions, an ended session and a peer that does not speak the protocol', async () => {
    expect(await clientMeets(FRAME.hello, { version: 99 })).toMatchObject({ name: 'VersionRefused' });
    const refusal = { ch: 0, code: 'version', message: 'only version 99', version: 99, oldest: 99 };
    expect(await clientMeets(FRAME.error, refusal)).toMatchObject({
      name: 'VersionRefused',
      message: 'only version 99',
    });
    const gone = { ch: 0, code: 'no_such_session', message: 'it has ended' };
    expect(await clientMeets(FRAME.error, gone)).toBeInstanceOf(ExecError);
    expect(await clientMeets(FRAME.ok, { ch: 1 })).toMatchObject({ code: 'unavailable' });
  });
});
