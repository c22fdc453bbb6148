import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFirestoreStore } from '#drivers/store/firestore/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import { COLLECTIONS, commits, places } from '#services/model/collections.ts';
import { until } from '../../../acceptance/support/until.ts';
import { eventOf, passOn, type PassedOn } from '../../../cloud-local/eventarc.ts';
import { connectedKeeper, keeperCommand, keyringIn } from '../../../support/deployment.ts';
import { type FirestoreEmulator, startFirestoreEmulator } from '../../../support/firestore-emulator.ts';

/** An emulator for all lives, each of which has a project of its own, and what hears of its new intents. */
export interface Emulator {
  readonly firestore: FirestoreEmulator;
  /** From now on events of a project go there. */
  announce(project: string, to: PassedOn): void;
  stop(): Promise<void>;
}

/** On a busy machine the first call to an emulator takes longer than any call may. */
const warmUp = async ({ host, project }: FirestoreEmulator): Promise<void> => {
  const store = await openFirestoreStore({
    ...{ project: project(), collections: COLLECTIONS, commits, emulatorHost: host },
    ...{ clock: systemClock, ids: systemIds, log: createLogger({ level: 'silent' }) },
  });
  await until('the emulator answers', () =>
    store.put(places, 'warm', { from: '' }).then(
      () => true,
      () => false,
    ),
  );
  await store.close();
};

export const startEmulator = async (): Promise<Emulator> => {
  const heard = new Map<string, PassedOn>();
  const sink = createServer(async (request, response) => {
    const project = /\/projects\/([^/]+)\//.exec(request.url ?? '')?.[1] ?? '';
    const event = await eventOf(request);
    response.end();
    const to = heard.get(project);
    if (to) await passOn(event, to);
  });
  sink.listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const firestore = await startFirestoreEmulator(`127.0.0.1:${(sink.address() as AddressInfo).port}`);
  if (firestore === null) throw new Error('there is no Firestore emulator');
  await warmUp(firestore);
  return {
    firestore,
    announce: (project, to) => void heard.set(project, to),
    stop: async () => {
      await firestore.stop();
      sink.closeAllConnections();
      sink.close();
    },
  };
};

/** What lives that follow each other share: a keeper and a keyring. */
export interface Lane {
  readonly dataDir: string;
  readonly keyring: string;
  stop(): Promise<void>;
}

export const openLane = async (): Promise<Lane> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-relays-'));
  const keyring = await keyringIn(dataDir);
  const [program, ...args] = keeperCommand(dataDir);
  const keeper = spawn(program, args, { stdio: 'ignore' });
  const held = await connectedKeeper(dataDir);
  return {
    ...{ dataDir, keyring },
    stop: async () => {
      held.close();
      keeper.kill('SIGTERM');
      if (keeper.exitCode === null) await once(keeper, 'exit');
      await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
};
