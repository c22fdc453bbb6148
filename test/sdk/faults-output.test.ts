import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf, ok } from '../acceptance/support/api.ts';
import type { Exec, Session } from '../acceptance/support/shapes.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { person, running, shell } from '../acceptance/support/world.ts';
import { cutPlan, type Fault, type Plan, randomPlan } from './faults/plan.ts';
import { type FaultProxy, startFaultProxy } from './faults/proxy.ts';
import { prepareInterpreter, skipWithoutPython } from './faults/python.ts';
import { seedOfRun } from './faults/random.ts';
import { type Asked, digestOf, EXECUTES, RUNS, STREAMS } from './faults/readers.ts';
import { TERMINALS } from './faults/shells.ts';

const BYTES = 50 * 1024 * 1024;
const CUTS = 20;
/** All cuts lie within so many bytes of what goes over the wire, which is more than the output. */
const WITHIN = 0.9 * BYTES;
const OUTPUT = /\/(output|attach)\b/;
const HELD = /\/execute\b/;

let server: RunningServer;
let admin: Api;
let session: Session;

beforeAll(async () => {
  [server] = await Promise.all([startServer(), prepareInterpreter()]);
  admin = apiOf(server.url, server.key);
  const owner = await person(admin);
  session = await running(admin, { user: owner.id, resource_package: 'dev_small' });
});
afterAll(() => stopServer(server));

/** Runs `use` through a proxy of its own. */
const through = async <R>(plan: Plan, use: (asked: Omit<Asked, 'command'>, proxy: FaultProxy) => Promise<R>) => {
  const proxy = await startFaultProxy(server.url, plan);
  try {
    return await use({ baseUrl: proxy.url, apiKey: server.key, session: session.id }, proxy);
  } finally {
    await proxy.stop();
  }
};

describe(`${BYTES / 1024 ** 2} MiB of output, cut ${CUTS} times on the way`, () => {
  let sha256: string;

  beforeAll(async () => {
    const made = await shell(admin, session, `head -c ${BYTES} /dev/urandom > big && sha256sum < big`);
    sha256 = made.slice(0, 64);
  });

  it.for(STREAMS)('comes whole: $way', async ({ way, read }, { skip }) => {
    skipWithoutPython(way, skip);
    const seed = seedOfRun();
    const plan = cutPlan({ seed, route: OUTPUT, cuts: CUTS, within: WITHIN });
    const began = performance.now();
    await through(plan, async (asked, { tally }) => {
      const came = await read({ ...asked, command: 'cat big' });
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const { faults, broken } = tally;
      console.log(`${way}, ONMEMOS_TEST_SEED=${seed}: ${came.bytes} bytes in ${seconds} s, ${JSON.stringify(faults)}`);
      expect(came).toEqual({ bytes: BYTES, sha256 });
      expect(faults.all).toBe(CUTS);
      expect(broken).toEqual([]);
    });
  });
});

describe('input', () => {
  const input = Array.from({ length: 600_000 }, (_, i) => `${i}\n`).join('');
  const summed = digestOf(`${digestOf(input).sha256}  -\n`);
  const STDIN = /\/stdin\b/;

  it.for(RUNS)('comes whole through a network that fails: $way', async ({ way, read }, { skip }) => {
    skipWithoutPython(way, skip);
    const random = randomPlan({ seed: seedOfRun(), rate: 0.3 });
    const plan: Plan = { next: (exchange) => (STDIN.test(exchange.path) ? random.next(exchange) : { kind: 'none' }) };
    await through(plan, async (asked) => {
      expect(await read({ ...asked, command: 'sha256sum', input })).toEqual(summed);
    });
  });

  it.for(RUNS)('that can not be written ends the command and the call: $way', async ({ way, read }, { skip }) => {
    skipWithoutPython(way, skip);
    const plan: Plan = {
      next: ({ path }) => (STDIN.test(path) ? { kind: 'drop-before', reset: true } : { kind: 'none' }),
    };
    const command = `cat # ${way}`;
    await through(plan, async (asked) => {
      await expect(read({ ...asked, command, input, maxRetries: 0 })).rejects.toThrow('Connection error - ');
    });
    const { items } = ok(await admin.get<{ items: Exec[] }>(`/v1/sessions/${session.id}/execs?limit=1000`));
    expect(items.find((exec) => exec.command === command)?.status).toBe('killed');
  });

  it.for(RUNS)('comes whole when the server was away for seconds: $way', async ({ way, read }, { skip }) => {
    skipWithoutPython(way, skip);
    const first = Promise.withResolvers<void>();
    const plan: Plan = {
      next: ({ path }) => {
        if (STDIN.test(path)) first.resolve();
        return STDIN.test(path) ? { kind: 'delay', beforeMs: 0, afterMs: 1_000 } : { kind: 'none' };
      },
    };
    await through(plan, async (asked, proxy) => {
      const away = first.promise.then(() => proxy.interrupt(4_000));
      expect(await read({ ...asked, command: 'sha256sum', input })).toEqual(summed);
      await away;
    });
  });
});

describe.concurrent('a command that goes on while its connection does not', () => {
  it.for(EXECUTES)('is waited for, however often: $way', async ({ way, read }, { skip }) => {
    skipWithoutPython(way, skip);
    const plan: Plan = {
      next: ({ path }) => (HELD.test(path) ? { kind: 'hold-limit', limitMs: 1_500 } : { kind: 'none' }),
    };
    await through(plan, async (asked, { tally }) => {
      const file = way.replaceAll(/\W/g, '-');
      const came = await read({ ...asked, command: `echo began >> ${file}; sleep 12; cat ${file}` });
      expect(came).toEqual(digestOf('began\n'));
      expect(tally.of('hold-limit')).toBeGreaterThan(4);
    });
  });

  it.for([...EXECUTES, ...STREAMS])(
    'is found again by a client with its defaults, when the server was away for seconds: $way',
    async ({ way, read }, { skip }) => {
      skipWithoutPython(way, skip);
      const first = Promise.withResolvers<void>();
      const plan: Plan = {
        next: ({ path }) => {
          if (HELD.test(path) || OUTPUT.test(path)) first.resolve();
          return { kind: 'none' };
        },
      };
      await through(plan, async (asked, proxy) => {
        const away = first.promise.then(async () => {
          await new Promise((resolve) => setTimeout(resolve, 1_500));
          await proxy.interrupt(4_000);
        });
        const came = await read({ ...asked, command: 'for i in $(seq 80); do echo $i; sleep 0.1; done' });
        await away;
        expect(came).toEqual(digestOf(Array.from({ length: 80 }, (_, i) => `${i + 1}\n`).join('')));
      });
    },
  );
});

describe.concurrent('a terminal', () => {
  it.for(TERMINALS)('opens in spite of faults, and says so when it is cut: $way', async ({ way, read }, { skip }) => {
    skipWithoutPython(way, skip);
    const faults: Fault[] = [
      { kind: 'drop-before', reset: true },
      { kind: 'answer-instead', answer: { status: 503, retryAfter: null } },
      { kind: 'lose-answer', reset: false },
      { kind: 'cut-answer', share: 0, bytes: 1_200, reset: true },
    ];
    const plan: Plan = {
      next: ({ path }) => (/\/shell\b/.test(path) ? faults.shift() : undefined) ?? { kind: 'none' },
    };
    await through(plan, async (asked, { tally }) => {
      const { said, ...broken } = await read(asked);
      expect(said).toMatch(/beat\r\nbeat\r\n/);
      expect(broken).toMatchObject({ type: 'ConnectionFailed', own: true, hint: expect.stringMatching(/./) });
      expect(tally.of('cut-socket')).toBe(1);
    });
  });
});
