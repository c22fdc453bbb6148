import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ConnectionLost, type Relay } from '#ports/relay.ts';
import { HANGS_SECONDS } from '../../acceptance/support/until.ts';
import { closed, pattern, type Received, readAll, readBytes, writeHeeding } from './streams.ts';
import type { Dial } from './dial.ts';

export interface Joined {
  readonly near: Duplex;
  readonly far: Duplex;
  readonly dial: Dial;
  readonly here: Relay;
  readonly there: Relay;
  takeOver(): Promise<unknown>;
}

const CUTS = {
  'the caller goes': ({ near }: Joined) => near.destroy(),
  'the agent’s end goes': ({ far }: Joined) => far.destroy(new Error('its socket broke')),
  'the agent dials again': ({ takeOver }: Joined) => takeOver(),
  'the agent’s socket closes': ({ dial }: Joined) => dial.claim.release(),
  'the session is gone': ({ here }: Joined) => here.forget('ses-1'),
} as const;
type Cut = keyof typeof CUTS;
const CUT_NAMES = Object.keys(CUTS) as Cut[];

/** Which end a cut destroys by itself: that one sees its own reason and not a ConnectionLost. */
const OWN: Partial<Record<Cut, 'near' | 'far'>> = { 'the caller goes': 'near', 'the agent’s end goes': 'far' };

/** Connections that break: `join` gives a new one each time, of the session `ses-1` that only it uses. */
export const brokenConnections = (join: () => Promise<Joined>): void => {
  describe('a connection that breaks', () => {
    it.each(CUT_NAMES)('ends at both ends, in the middle of everything: %s', async (cut) => {
      const joined = await join();
      const { near, far } = joined;
      // Both directions have bytes on their way, and both writers are held back.
      let [written, answered] = [0, 0];
      for (const end of [near, far]) {
        for (let room = true; room && written < 200; written++) room = end.write(pattern(50_000, 1), () => answered++);
      }
      await readBytes(far, 10_000);
      await CUTS[cut](joined);
      const [nearError, farError] = [await closed(near), await closed(far)];
      if (OWN[cut] !== 'near') expect(nearError).toBeInstanceOf(ConnectionLost);
      if (OWN[cut] !== 'far') expect(farError).toBeInstanceOf(ConnectionLost);
      for (const end of [near, far]) expect(end.destroyed).toBe(true);
      await vi.waitFor(() => expect(answered).toBe(written), { timeout: HANGS_SECONDS * 1000 });
      await joined.here.forget('ses-1');
    });

    it('breaks nothing but itself where nobody listens to it', async () => {
      const joined = await join();
      await joined.takeOver();
      await Promise.all([closed(joined.near), closed(joined.far)]);
      await joined.here.forget('ses-1');
    });

    const sizes = fc.array(fc.nat({ max: 200_000 }), { maxLength: 12 });
    const pause = fc.nat({ max: 3 });
    const schedule = fc.record({
      asked: sizes,
      answered: sizes,
      cut: fc.option(fc.constantFrom(...CUT_NAMES), { nil: null, freq: 3 }),
      after: fc.nat({ max: 14 }),
      pauses: fc.tuple(pause, pause),
    });

    it('gives each reader all of the bytes in their order, or the beginning of them and an error', async () => {
      const outcomes = { whole: 0, broken: 0 };
      const property = fc.asyncProperty(schedule, async ({ asked, answered, cut, after, pauses }) => {
        const joined = await join();
        let turns = 0;
        const turn = async (): Promise<void> => {
          turns += 1;
          if (cut !== null && turns === after + 1) await CUTS[cut](joined);
        };
        const send = async (end: Duplex, lengths: readonly number[], salt: number): Promise<Buffer> => {
          const all = pattern(
            lengths.reduce((sum, length) => sum + length, 0),
            salt,
          );
          let at = 0;
          try {
            for (const length of lengths) {
              await turn();
              await writeHeeding(end, all.subarray(at, at + length));
              at += length;
            }
            end.end();
          } catch {
            // Its reader says what became of it.
          }
          return all;
        };
        const receive = async (end: Duplex, turnsToWait: number): Promise<Received> => {
          for (let i = 0; i < turnsToWait; i++) await new Promise((resolve) => setImmediate(resolve));
          return readAll(end);
        };
        const { near, far } = joined;
        const [toFar, toNear, sentByNear, sentByFar] = await Promise.all([
          receive(far, pauses[0]),
          receive(near, pauses[1]),
          send(near, asked, 1),
          send(far, answered, 2),
        ]);
        for (const [received, sent, end] of [
          [toFar, sentByNear, 'far'],
          [toNear, sentByFar, 'near'],
        ] as const) {
          expect(received.bytes.equals(sent.subarray(0, received.bytes.length))).toBe(true);
          if (received.error === null) expect(received.bytes.length).toBe(sent.length);
          else if (cut === null) throw received.error;
          else if (OWN[cut] !== end) expect(received.error).toBeInstanceOf(ConnectionLost);
          outcomes[received.error === null ? 'whole' : 'broken'] += 1;
        }
        await joined.here.forget('ses-1');
      });
      await fc.assert(property, { numRuns: 120 });
      // Else it would prove nothing.
      expect(outcomes.whole).toBeGreaterThan(20);
      expect(outcomes.broken).toBeGreaterThan(20);
    });
  });
};
