import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FirestoreStore } from '#drivers/store/firestore/firestore-store.ts';
import { systemClock } from '#platform/clock.ts';
import type { Clock } from '#ports/clock.ts';
import { readiness } from '../../../functions/cloud/readiness.ts';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { startTcpRelay, type TcpRelay } from '../../support/tcp-relay.ts';
import { emulatorForFile, openOn } from './firestore-fixture.ts';
import { counters } from './fixture.ts';

// Google's clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

const CALL_MS = 3_000;
/** By this clock a minute takes half a second, and a call without an answer is tried once. */
const hurried: Clock = {
  ...systemClock,
  monotonic: () => systemClock.monotonic() * 120,
  sleep: (ms, signal) => systemClock.sleep(ms / 120, signal),
  // A probe has as long as the call that it makes.
  timer: (ms, run) => systemClock.timer(ms, run),
};

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`a dead connection${missing === null ? '' : `: ${missing}`}`, () => {
  const emulator = emulatorForFile();
  let relay: TcpRelay;
  let store: FirestoreStore;
  beforeAll(async () => {
    relay = await startTcpRelay(emulator().host);
  });
  afterAll(() => relay?.stop());
  beforeEach(async () => {
    const project = emulator().project();
    store = await openOn({ host: relay.host, project: () => project }, { clock: hurried, callMs: CALL_MS });
    const direct = await openOn({ host: emulator().host, project: () => project });
    await direct.put(counters, 'a', { n: 1 });
    await direct.close();
    await expect.poll(asked).toBe(1);
  });
  afterEach(() => store.close());
  const ask = () => store.get(counters, 'a').then((doc) => doc?.data.n);
  const asked = () => ask().catch((error: Error) => error.name);

  it('is replaced after a minute of silence, and until then the instance is not ready', async () => {
    const probed: string[] = [];
    const ready = readiness({ clock: hurried, probe: () => store.get(counters, 'ready') });
    expect([await ready(), store.healthy()]).toEqual(['ok', true]);
    const before = relay.connections();
    relay.swallow();
    for (let tries = 0; relay.connections() === before && tries < 10; tries++) {
      await asked();
      probed.push(await ready());
    }
    // A new connection passes, although the old one is as silent as ever.
    expect([await ask(), store.healthy()]).toEqual([1, true]);
    await expect.poll(ready).toBe('ok');
    expect(probed.some((answer) => answer !== 'ok')).toBe(true);
    expect(relay.connections()).toBe(before + 1);
  });

  it('is kept until the calls on it have ended', async () => {
    const before = relay.connections();
    relay.swallow();
    const first = asked();
    await pause(CALL_MS / 2);
    const second = asked();
    await first;
    const third = ask();
    third.catch(() => undefined);
    await second;
    // The second one has ended a minute of silence, and this is on the new connection.
    expect([await ask(), relay.connections()]).toEqual([1, before + 1]);
    relay.letPass();
    expect(await third).toBe(1);
  });
});
