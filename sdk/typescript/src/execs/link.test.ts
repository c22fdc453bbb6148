import { describe, expect, it } from 'vitest';
import { Conflict, Invalid } from '../errors.ts';
import { FRAME, type Frame, frameDecoder } from './frames.ts';
import { DETACHED, Link } from './link.ts';

/** What a connection was sent. */
const connection = () => {
  const decode = frameDecoder();
  const frames: Frame[] = [];
  const send = (data: string | Uint8Array): void => void frames.push(...decode(data as Uint8Array));
  return { frames, socket: { send, close: () => undefined } };
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('Link', () => {
  it('cuts what is large, and closes stdin behind the last piece alone', async () => {
    const link = new Link();
    const { frames, socket } = connection();
    link.opened(socket);
    const sent = link.input(10, new Uint8Array(600_000), true);
    expect(frames.map(({ header, data }) => [header['offset'], header['eof'], data.length])).toEqual([
      [10, false, 262_144],
      [262_154, false, 262_144],
      [524_298, true, 75_712],
    ]);
    for (const _ of frames) link.accepted();
    await sent;
  });

  it('says a size again on each connection', () => {
    const link = new Link();
    const [first, second] = [connection(), connection()];
    link.resize(1, 2);
    link.opened(first.socket);
    link.resize(80, 24);
    link.cut(first.socket);
    link.opened(second.socket);
    link.cut(first.socket);
    expect(link.attached).toBe(true);
    const sizes = [first, second].map(({ frames }) => frames.map(({ type, header }) => ({ type, ...header })));
    expect(sizes).toEqual([
      [
        { type: FRAME.resize, cols: 1, rows: 2 },
        { type: FRAME.resize, cols: 80, rows: 24 },
      ],
      [{ type: FRAME.resize, cols: 80, rows: 24 }],
    ]);
  });

  it('lets input wait for the connection that carries a size, and for no other', async () => {
    const link = new Link();
    const order: string[] = [];
    await link.sized();
    const made = link.opening();
    await link.sized();
    link.resize(80, 24);
    const waiting = link.sized().then(() => order.push('input'));
    await new Promise((done) => setImmediate(done));
    order.push('connection');
    link.opened(connection().socket);
    made();
    await waiting;
    expect(order).toEqual(['connection', 'input']);
    link.opening();
    await link.sized();
  });

  it('says which input was refused, and hands back what a connection did not take', async () => {
    const link = new Link();
    await expect(link.input(0, bytes('a'), false)).rejects.toBe(DETACHED);
    const { socket } = connection();
    link.opened(socket);
    const taken = link.input(0, bytes('a'), false);
    const refused = expect(link.input(1, bytes('b'), false)).rejects.toBeInstanceOf(Conflict);
    const behind = expect(link.input(9, bytes('x'), true)).rejects.toBeInstanceOf(Invalid);
    const left = expect(link.input(2, bytes('c'), false)).rejects.toBe(DETACHED);
    link.accepted();
    link.refused('The stdin of this command is closed.');
    link.refused('bytes before these are missing', true);
    link.cut(socket);
    await Promise.all([taken, refused, behind, left]);
    expect(link.attached).toBe(false);
  });

  it('leaves nobody waiting for a command that has ended', async () => {
    const link = new Link();
    link.opened(connection().socket);
    const refused = expect(link.input(0, bytes('a'), true)).rejects.toThrow('The command has ended.');
    link.ended();
    await refused;
  });
});
