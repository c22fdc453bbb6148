import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countCalls } from './calls.ts';
import { embeddedEnv, trimLog, unused } from './embedded.ts';

/** Each sleep moves the time on and then lets `at` happen. */
const scene = (dataDir: string, at: (seconds: number, it: Scene) => void = () => {}) => {
  const start = Date.now();
  let ms = 0;
  const said: string[] = [];
  const clock = {
    now: () => start + ms,
    monotonic: () => ms,
    timer: () => ({ cancel: () => {} }),
    sleep: async (wait: number) => {
      ms += wait;
      at(ms / 1000, made);
      if (ms > 120_000) throw new Error('it does not leave');
    },
  };
  const made = { duties: false, calls: countCalls(clock) };
  const noted = (what: string) => async () => void said.push(`${what} ${ms / 1000}`);
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log };
  const gone = unused({
    dataDir,
    clock,
    log,
    calls: made.calls,
    discovery: { publish: noted('publish'), withdraw: noted('withdraw'), end: noted('end') },
    duties: async () => made.duties,
  });
  return gone.then((why) => ({ why, seconds: ms / 1000, said }));
};
interface Scene {
  duties: boolean;
  readonly calls: ReturnType<typeof countCalls>;
}

describe('an embedded server', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'onmemos-unused-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('waits longer for its first call than for another', async () => {
    expect(await scene(dataDir)).toMatchObject({ seconds: 16, said: ['withdraw 15'] });
    const called = await scene(dataDir, (seconds, { calls }) => {
      if (seconds === 2) calls.began();
      if (seconds === 3) calls.ended();
    });
    expect(called).toMatchObject({ seconds: 9, why: 'it is not in use' });
  });

  it('stays while a call is under way, however quiet, and while others come', async () => {
    const { seconds } = await scene(dataDir, (at, { calls }) => {
      if (at === 1 || (at > 60 && at <= 80 && at % 4 === 0)) calls.began();
      if (at === 60 || (at > 60 && at <= 80 && at % 4 === 0)) calls.ended();
    });
    expect(seconds).toBe(86);
  });

  it('stays while there is something that only a server does', async () => {
    const { seconds } = await scene(dataDir, (at, it) => {
      it.duties = at < 90;
    });
    expect(seconds).toBe(91);
  });

  it('can be found again when a call comes in between', async () => {
    const late = await scene(dataDir, (at, { calls }) => {
      if (at !== 16) return;
      calls.began();
      calls.ended();
    });
    expect(late.said).toEqual(['withdraw 15', 'publish 16', 'withdraw 21']);
  });

  it('makes room where another server asks for the folder, but not under a call', async () => {
    await writeFile(join(dataDir, 'hand-over'), '');
    const asked = await scene(dataDir, (at, it) => {
      it.duties = true;
      if (at === 0.5) it.calls.began();
      if (at === 3) it.calls.ended();
    });
    expect(asked).toMatchObject({ seconds: 4, why: 'another server takes over' });
  });

  it('does not for one that has asked and gone', async () => {
    const path = join(dataDir, 'hand-over');
    await writeFile(path, '');
    await utimes(path, 1, 1);
    expect(await scene(dataDir)).toMatchObject({ seconds: 16 });
  });

  it('does not leave where it can not see what there is to do', async () => {
    let looks = 0;
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log };
    let ms = 0;
    const clock = {
      now: () => ms,
      monotonic: () => ms,
      timer: () => ({ cancel: () => {} }),
      sleep: async (wait: number) => {
        ms += wait;
      },
    };
    const nothing = async () => {};
    const discovery = { publish: nothing, withdraw: nothing, end: nothing };
    const duties = async () => {
      looks++;
      if (looks < 5) throw new Error('the store is busy');
      return false;
    };
    await unused({ dataDir, clock, log, calls: countCalls(clock), discovery, duties });
    expect(looks).toBe(5);
  });

  it('is reached from this machine alone, whatever the environment says', () => {
    const env = embeddedEnv({ ONMEMOS_HOST: '0.0.0.0', ONMEMOS_PORT: '', ONMEMOS_LOG_LEVEL: 'debug' });
    expect(env).toEqual({ ONMEMOS_HOST: '127.0.0.1', ONMEMOS_PORT: '0', ONMEMOS_LOG_LEVEL: 'debug' });
    expect(embeddedEnv({ ONMEMOS_PORT: '7000' })).toMatchObject({ ONMEMOS_PORT: '7000', ONMEMOS_LOG_LEVEL: 'warn' });
  });

  it('empties a log that has grown, and no other', async () => {
    await trimLog(dataDir);
    const path = join(dataDir, 'embedded.log');
    await writeFile(path, 'short');
    await trimLog(dataDir);
    expect((await stat(path)).size).toBe(5);
    await writeFile(path, 'x'.repeat(1024 * 1024 + 1));
    await trimLog(dataDir);
    expect((await stat(path)).size).toBe(0);
  });
});
