import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChannelTaken, ConnectionLost, NotConnected, type Relay, RelayUnavailable } from '#ports/relay.ts';
import { brokenConnections } from './broken.ts';
import { agentOf, type Dial, dialIn } from './dial.ts';
import { closed, pattern, readAll, readBytes, writeHeeding } from './streams.ts';

export interface RelayFixture {
  /** One more instance of one and the same deployment. */
  instance(): Promise<Relay>;
  dispose(): Promise<void>;
}

/** What every driver of the Relay port keeps. One over a network adds what only a network does to it. */
export const relayConformance = (name: string, open: () => Promise<RelayFixture>): void => {
  describe(`relay: ${name}`, () => {
    let fixture: RelayFixture;
    /** The agent has dialled in to `there`; callers come to `here`. */
    let here: Relay;
    let there: Relay;
    beforeEach(async () => {
      fixture = await open();
      [here, there] = [await fixture.instance(), await fixture.instance()];
    });
    afterEach(() => fixture.dispose());

    const joined = async (dial: Dial, from: Relay, session = 'ses-1'): Promise<[Duplex, Duplex]> => {
      const [near, far] = await Promise.all([from.connect(session), dial.accepted()]);
      return [near, far];
    };

    describe('a connection', () => {
      it.each(['from another instance', 'from the same instance'])('carries bytes both ways, %s', async (where) => {
        const dial = await dialIn(there, agentOf('ses-1'));
        const [near, far] = await joined(dial, where.includes('another') ? here : there);
        const [asked, answered] = [pattern(3_000_001, 1), pattern(2_000_003, 2)];
        const write = async (end: Duplex, bytes: Buffer, piece: number): Promise<void> => {
          for (let at = 0; at < bytes.length; at += piece) await writeHeeding(end, bytes.subarray(at, at + piece));
          end.end();
        };
        const [toFar, toNear] = await Promise.all([
          readAll(far),
          readAll(near),
          write(near, asked, 7_919),
          write(far, answered, 300_007),
        ]);
        expect(toFar.bytes.equals(asked)).toBe(true);
        expect(toNear.bytes.equals(answered)).toBe(true);
        expect([await closed(near), await closed(far)]).toEqual([null, null]);
      });

      it('is closed one direction at a time', async () => {
        const [near, far] = await joined(await dialIn(there, agentOf('ses-1')), here);
        near.end('question');
        expect((await readAll(far)).bytes.toString()).toBe('question');
        far.write('ans');
        far.end('wer');
        expect(await readAll(near)).toEqual({ bytes: Buffer.from('answer'), error: null });
        expect([await closed(near), await closed(far)]).toEqual([null, null]);
      });

      it('is one of many of its session, each with bytes of its own', async () => {
        const dial = await dialIn(there, agentOf('ses-1'));
        const pairs: [Duplex, Duplex][] = [];
        for (let n = 0; n < 20; n++) pairs.push(await joined(dial, n % 2 === 0 ? here : there));
        for (const [n, [near]] of pairs.entries()) near.end(`connection ${n}`);
        const read = await Promise.all(pairs.map(async ([, far]) => (await readAll(far)).bytes.toString()));
        expect(read).toEqual(pairs.map((_, n) => `connection ${n}`));
      });

      it('takes what was written, whatever becomes of the writer’s buffer', async () => {
        const [near, far] = await joined(await dialIn(there, agentOf('ses-1')), here);
        const buffer = Buffer.from('first');
        await new Promise<void>((resolve) => near.write(buffer, () => resolve()));
        buffer.fill('x');
        near.end();
        expect((await readAll(far)).bytes.toString()).toBe('first');
      });

      it('crosses no other session', async () => {
        const names = Array.from({ length: 60 }, (_, n) => `ses-${n}`);
        const dials = await Promise.all(
          names.map((session, n) => dialIn(n % 2 === 0 ? here : there, agentOf(session, n))),
        );
        const answers = await Promise.all(
          names.map(async (session, n) => {
            const [near, far] = await joined(dials[n] as Dial, n % 3 === 0 ? here : there, session);
            near.end(`to ${session}`);
            far.end(`${(await readAll(far)).bytes.toString()} and back`);
            return (await readAll(near)).bytes.toString();
          }),
        );
        expect(answers).toEqual(names.map((session) => `to ${session} and back`));
      });
    });

    describe('a reader that does not read', () => {
      const piece = 64 * 1024;
      /** Writes pieces until it is held back for as long as the other connection needs for a hundred answers. */
      const writeUntilHeld = async (stream: Duplex, other: [Duplex, Duplex]): Promise<number> => {
        let written = 0;
        while (written < 4 * here.window_bytes) {
          written += piece;
          if (stream.write(pattern(piece, written / piece))) continue;
          for (let i = 0; i < 100 && stream.writableNeedDrain; i++) {
            other[0].write('?');
            await readBytes(other[1], 1);
          }
          if (stream.writableNeedDrain) break;
        }
        return written;
      };

      it.each(['caller', 'agent'])(
        'holds the writer back at the window, and no other connection: the %s',
        async (who) => {
          const dial = await dialIn(there, agentOf('ses-1'));
          const [near, far] = await joined(dial, here);
          const other = await joined(dial, here);
          const [writer, reader] = who === 'agent' ? [near, far] : [far, near];
          const written = await writeUntilHeld(writer, other);
          expect(written).toBeLessThanOrEqual(here.window_bytes + piece);
          expect(written).toBeGreaterThanOrEqual(here.window_bytes / 2);
          writer.end();
          const { bytes, error } = await readAll(reader);
          expect(error).toBeNull();
          expect(bytes.length).toBe(written);
          for (let n = 0; n < written / piece; n++) {
            expect(bytes.subarray(n * piece, (n + 1) * piece).equals(pattern(piece, n + 1))).toBe(true);
          }
        },
      );

      it('keeps no more than the window of one large write', async () => {
        const [near, far] = await joined(await dialIn(there, agentOf('ses-1')), here);
        const large = pattern(16 * here.window_bytes, 3);
        near.end(large);
        let most = 0;
        const parts: Buffer[] = [];
        for (let size = 0; size < large.length; ) {
          most = Math.max(most, far.readableLength);
          const part = await readBytes(far, Math.min(100_000, large.length - size));
          size += part.length;
          parts.push(part);
        }
        expect(most).toBeGreaterThan(0);
        expect(most).toBeLessThanOrEqual(here.window_bytes);
        expect(Buffer.concat(parts).equals(large)).toBe(true);
      });
    });

    describe('a session whose agent is not connected', () => {
      it('is not connected at once, nor after the wait', async () => {
        await expect(here.connect('ses-1')).rejects.toBeInstanceOf(NotConnected);
        await expect(here.connect('ses-1', { wait_ms: 40 })).rejects.toBeInstanceOf(NotConnected);
        const dial = await dialIn(there, agentOf('ses-1'));
        await dial.claim.release();
        expect(await dial.claim.ended).toBe('released');
        await expect(here.connect('ses-1')).rejects.toBeInstanceOf(NotConnected);
      });

      it('is waited for, for the first time and between two dials, by all who ask', async () => {
        const waiting = Array.from({ length: 10 }, () => here.connect('ses-1', { wait_ms: 60_000 }));
        const first = await dialIn(there, agentOf('ses-1'));
        for (const near of await Promise.all(waiting)) {
          near.end('hello');
          expect((await readAll(await first.accepted())).bytes.toString()).toBe('hello');
        }
        await first.claim.release();
        const again = here.connect('ses-1', { wait_ms: 60_000 });
        const second = await dialIn(here, agentOf('ses-1'));
        (await again).end('again');
        expect((await readAll(await second.accepted())).bytes.toString()).toBe('again');
      });

      it('is given up with the caller’s signal', async () => {
        const gone = new AbortController();
        const waiting = here.connect('ses-1', { wait_ms: 60_000, signal: gone.signal });
        gone.abort(new Error('the caller is gone'));
        await expect(waiting).rejects.toThrow('the caller is gone');
        await expect(here.connect('ses-1', { wait_ms: 60_000, signal: gone.signal })).rejects.toThrow('gone');
        const dial = await dialIn(there, agentOf('ses-1'));
        await expect(here.connect('ses-1', { signal: gone.signal })).rejects.toThrow('gone');
        const [near, far] = await joined(dial, here);
        near.end('nobody came before');
        expect((await readAll(far)).bytes.toString()).toBe('nobody came before');
      });
    });

    describe('a claim', () => {
      it('is won by one execution of many that start at once, and by no other ever after', async () => {
        const claims = await Promise.allSettled(
          Array.from({ length: 20 }, (_, n) => dialIn(n % 2 === 0 ? here : there, agentOf('ses-1', n))),
        );
        const won = claims.filter((claim) => claim.status === 'fulfilled');
        expect(won).toHaveLength(1);
        for (const claim of claims) if (claim.status === 'rejected') expect(claim.reason).toBeInstanceOf(ChannelTaken);
        const winner = claims.findIndex((claim) => claim.status === 'fulfilled');
        const dial = won[0]?.value as Dial;
        await dial.claim.release();
        for (let n = 0; n < 20; n++) {
          if (n !== winner) await expect(dialIn(here, agentOf('ses-1', n))).rejects.toBeInstanceOf(ChannelTaken);
        }
        await dialIn(there, agentOf('ses-1', winner));
      });

      it('is taken over by a later dial of the same execution, with what was open through it', async () => {
        const older = await dialIn(there, agentOf('ses-1'));
        const [oldNear, oldFar] = await joined(older, here);
        oldNear.write('on its way when the channel changes hands');
        const younger = await dialIn(here, agentOf('ses-1'));
        expect(await older.claim.ended).toBe('superseded');
        expect(await closed(oldNear)).toBeInstanceOf(ConnectionLost);
        expect(await closed(oldFar)).toBeInstanceOf(ConnectionLost);
        const [near, far] = await joined(younger, there);
        near.end('to the younger');
        expect((await readAll(far)).bytes.toString()).toBe('to the younger');
      });

      it('that has ended disturbs the one after it by nothing that comes late', async () => {
        const older = await dialIn(there, agentOf('ses-1'));
        const [, oldFar] = await joined(older, here);
        const younger = await dialIn(here, agentOf('ses-1'));
        const [near, far] = await joined(younger, there);
        oldFar.write('late');
        oldFar.destroy();
        await older.claim.release();
        far.write('young');
        expect((await readBytes(near, 5)).toString()).toBe('young');
        const [secondNear, secondFar] = await joined(younger, there);
        secondFar.end('still here');
        expect((await readAll(secondNear)).bytes.toString()).toBe('still here');
        near.end();
        far.end();
        expect((await readAll(near)).bytes.length).toBe(0);
      });

      it('of another start takes the channel from an earlier start, which is refused from then on', async () => {
        const first = await dialIn(there, agentOf('ses-1', 1, 1));
        const [near] = await joined(first, here);
        const second = await dialIn(here, agentOf('ses-1', 2, 2));
        expect(await first.claim.ended).toBe('superseded');
        expect(await closed(near)).toBeInstanceOf(ConnectionLost);
        await expect(dialIn(there, agentOf('ses-1', 1, 1))).rejects.toBeInstanceOf(ChannelTaken);
        await expect(dialIn(there, agentOf('ses-1', 2, 1))).rejects.toBeInstanceOf(ChannelTaken);
        await expect(dialIn(there, agentOf('ses-1', 3, 2))).rejects.toBeInstanceOf(ChannelTaken);
        const [secondNear, secondFar] = await joined(second, there);
        secondNear.end('to the second start');
        expect((await readAll(secondFar)).bytes.toString()).toBe('to the second start');
      });

      it('is forgotten with its session, and unknown sessions are too', async () => {
        const dial = await dialIn(there, agentOf('ses-1'));
        const [near, far] = await joined(dial, here);
        await here.forget('ses-1');
        expect(await dial.claim.ended).toBe('forgotten');
        expect([await closed(near), await closed(far)]).toEqual([
          expect.any(ConnectionLost),
          expect.any(ConnectionLost),
        ]);
        await here.forget('ses-1');
        await here.forget('ses-never');
        await expect(here.connect('ses-1')).rejects.toBeInstanceOf(NotConnected);
        await dialIn(here, agentOf('ses-1', 9));
      });
    });

    describe('an instance that goes away', () => {
      it('ends its claims and its ends of connections, and nothing of the others', async () => {
        const third = await fixture.instance();
        const [mine, other] = [await dialIn(there, agentOf('ses-1')), await dialIn(here, agentOf('ses-2', 2))];
        const [toMine] = await joined(mine, here);
        const [fromMine, otherFar] = await joined(other, there, 'ses-2');
        const [stays, staysFar] = await joined(other, third, 'ses-2');
        const waiting = there.connect('ses-3', { wait_ms: 60_000 });
        const refused = expect(waiting).rejects.toBeInstanceOf(RelayUnavailable);
        await there.close();
        await refused;
        expect(await mine.claim.ended).toBe('closed');
        for (const end of [toMine, fromMine, otherFar]) expect(await closed(end)).toBeInstanceOf(ConnectionLost);
        stays.end('goes on');
        expect((await readAll(staysFar)).bytes.toString()).toBe('goes on');
        await expect(there.connect('ses-2')).rejects.toBeInstanceOf(RelayUnavailable);
        await expect(dialIn(there, agentOf('ses-1'))).rejects.toBeInstanceOf(RelayUnavailable);
        await there.close();
        // Its agent dials in somewhere else.
        const [near, far] = await joined(await dialIn(third, agentOf('ses-1')), here);
        near.end('moved');
        expect((await readAll(far)).bytes.toString()).toBe('moved');
      });
    });

    brokenConnections(async () => {
      const dial = await dialIn(there, agentOf('ses-1'));
      const [near, far] = await joined(dial, here);
      return { near, far, dial, here, there, takeOver: () => dialIn(here, agentOf('ses-1')) };
    });
  });
};
