import { describe, expect, it } from 'vitest';
import { Conflict } from '../errors.ts';
import { FRAME, type Frame, frameDecoder } from './frames.ts';
import { DETACHED, Link } from './link.ts';

/** What a connection was sent. */
const connection = () => {
  const decode = frameDecoder();
  const frames: Frame[] = [];
  const closes: number[] = [];
  const send = (data: string | Uint8Array): void => void frames.push(...decode(data as Uint8Array));
  return { frames, closes, socket: { send, close: () => void closes.push(1) } };
};
const said = ({ frames }: ReturnType<typeof connection>) =>
  frames.map(({ type, header, data }) => ({ type, ...header, text: Buffer.from(data).toString() }));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('Link', () => {
  it('sends again on the next connection what the last one did not take', async () => {
    const link = new Link();
    const [first, second] = [connection(), connection()];
    link.begin();
    link.opened(first.socket);
    const inputs = [link.input(0, bytes('ab'), false), link.input(2, bytes('c'), true)];
    link.accepted();
    await inputs[0];
    link.cut();
    link.resize(80, 24);
    link.opened(second.socket);
    expect(said(second)).toEqual([
      { type: FRAME.resize, cols: 80, rows: 24, text: '' },
      { type: FRAME.stdin, offset: 2, eof: true, text: 'c' },
    ]);
    link.accepted();
    await inputs[1];
  });

  it('cuts what is large, and closes stdin behind the last piece alone', async () => {
    const link = new Link();
    const way = connection();
    link.begin();
    link.opened(way.socket);
    const sent = link.input(10, new Uint8Array(600_000), true);
    expect(way.frames.map(({ header, data }) => [header['offset'], header['eof'], data.length])).toEqual([
      [10, false, 262_144],
      [262_154, false, 262_144],
      [524_298, true, 75_712],
    ]);
    for (const _ of way.frames) link.accepted();
    await sent;
  });

  it('says which input was refused, and hands back what a reader that leaves has not delivered', async () => {
    const link = new Link();
    link.begin();
    link.opened(connection().socket);
    const refused = expect(link.input(0, bytes('a'), false)).rejects.toBeInstanceOf(Conflict);
    const left = expect(link.input(1, bytes('b'), false)).rejects.toBe(DETACHED);
    link.refused('The stdin of this command is closed.');
    link.end(DETACHED);
    await Promise.all([refused, left]);
    expect(link.attached).toBe(false);
  });
});
