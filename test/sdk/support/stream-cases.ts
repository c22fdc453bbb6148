import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { OnMemOSClient, type Session } from '../../../sdk/typescript/src/index.ts';
import { keeperPids, type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import { cutPlan } from '../faults/plan.ts';
import { startFaultProxy } from '../faults/proxy.ts';
import { seedOfRun } from '../faults/random.ts';
import { digestOf, growthOf, piecesOf, readAt, writerOf } from './streams.ts';

const MB = 1_000_000;
/** By which server and keeper may grow, MiB. */
const MOST_GROWTH_MB = 64;

/** A stream, and how fast its holding reader reads it: bytes a second, as fast as it can where left out. */
export interface StreamCase {
  readonly mb: number;
  readonly speed?: number;
  /** Over how many cut connections. */
  readonly cuts: number;
  /** By which the other reader is to fall behind what server and clients keep, so that it has gaps. */
  readonly gaps?: number;
}

/** Streams of much output: all of it for the reader that holds it, exact gaps for another one, little memory. */
export const itStreams = (isolation: string, cases: readonly StreamCase[]): void => {
  describe(`a stream, isolation ${isolation}`, () => {
    let server: RunningServer;
    let session: Session;
    beforeAll(async () => {
      server = await startServer({ env: { ONMEMOS_ISOLATION: isolation } });
      const client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key });
      session = await client.session({ user: 'streams', ttl_minutes: 60 });
      // What is loaded and compiled at the first use is not what a stream costs.
      for (const stdin of [false, true])
        await readAt(piecesOf(await session.start(writerOf(8 * MB), { hold: true, stdin })));
    });
    afterAll(() => stopServer(server));

    it.each(cases)('of $mb MB at $speed B/s over $cuts cuts', async ({ mb, speed, cuts, gaps = 0 }) => {
      const bytes = mb * MB;
      const seed = seedOfRun();
      const proxy = await startFaultProxy(
        server.url,
        // Also the reader that is behind, and gets less, reaches the place of a cut.
        cutPlan({ seed, route: /\/(output|attach)\b/, cuts, within: bytes / (cuts + 1) / 2 }),
      );
      const pids = [server.child.pid ?? 0, ...(await keeperPids(server.dataDir))];
      try {
        const client = new OnMemOSClient({ baseUrl: proxy.url, apiKey: server.key });
        const far = await client.sessions.get(session.id);
        const begun = performance.now();
        const { result, grown } = await growthOf(pids, async () => {
          const writer = await far.start(writerOf(bytes), { hold: true, log_limit_mb: 1, stdin: cuts % 2 === 1 });
          const holder = readAt(piecesOf(writer), speed === undefined ? {} : { speed });
          // Another reader, which starts behind and is slower: it may not keep the command waiting.
          const other = readAt(client.execs.output(session.id, writer.exec_id), { speed: (speed ?? 100 * MB) / 4 });
          return Promise.all([holder, other]);
        });
        const [holder, other] = result;
        const took = `${((performance.now() - begun) / 1000).toFixed(1)} s`;
        process.stdout.write(
          `${isolation}: ${mb} MB, ${speed ?? 'any'} B/s, ${proxy.tally.faults.all} cuts: ${took}, server +${grown[0]} MiB, keeper +${grown[1]} MiB, other missed ${other.missing}\n`,
        );
        expect([seed, holder]).toEqual([seed, { sha256: digestOf(bytes), bytes, missing: 0, wrong: [] }]);
        expect([other.wrong, other.bytes + other.missing]).toEqual([[], bytes]);
        expect(other.missing).toBeGreaterThanOrEqual(gaps);
        expect(proxy.tally.faults.all).toBe(cuts);
        for (const mib of grown) expect(mib).toBeLessThan(MOST_GROWTH_MB);
      } finally {
        await proxy.stop();
      }
    });
  });
};
