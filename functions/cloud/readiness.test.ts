import { beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../test/api/support/manual-clock.ts';
import { readiness } from './readiness.ts';

describe('readiness', () => {
  let clock = manualClock();
  let probes = 0;
  let answer: () => Promise<unknown> = async () => undefined;
  let ready: () => Promise<string>;
  beforeEach(() => {
    clock = manualClock();
    probes = 0;
    const probe = (): Promise<unknown> => {
      probes++;
      return answer();
    };
    ready = readiness({ clock, probe });
  });
  const fails = async () => Promise.reject(new Error('14 UNAVAILABLE'));

  it('asks once for all who ask within 5 s', async () => {
    answer = async () => undefined;
    expect(await Promise.all([ready(), ready(), ready()])).toEqual(['ok', 'ok', 'ok']);
    clock.advance(4_999);
    await ready();
    expect(probes).toBe(1);
    clock.advance(1);
    await ready();
    expect(probes).toBe(2);
  });

  it('is not ready before it has reached what it needs', async () => {
    answer = fails;
    expect(await ready()).toBe('14 UNAVAILABLE');
    answer = async () => undefined;
    clock.advance(5_000);
    expect(await ready()).toBe('ok');
  });

  it('stays ready while failures pass, until 60 s of failures alone', async () => {
    answer = async () => undefined;
    expect(await ready()).toBe('ok');
    answer = fails;
    for (let at = 5_000; at < 60_000; at += 5_000) {
      clock.advance(5_000);
      expect(await ready(), `after ${at} ms`).toBe('ok');
    }
    clock.advance(5_000);
    expect(await ready()).toBe('14 UNAVAILABLE');
    answer = async () => undefined;
    clock.advance(5_000);
    expect(await ready()).toBe('ok');
  });

  it('takes silence for a failure', async () => {
    answer = () => new Promise(() => {});
    const asked = ready();
    clock.advance(10_000);
    expect(await asked).toBe('no answer within 10000 ms');
  });
});
