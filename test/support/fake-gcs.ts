import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { type GcsRelay, gcsRelay, type RelayPlace } from './fake-gcs/relay.ts';

export interface FakeGcs {
  /** Its relay, which clients are to use: fake-gcs-server itself keeps no labels. */
  readonly relay: GcsRelay;
  /** Where fake-gcs-server itself answers. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Ports are found free and then taken: another program may come between. */
const TRIES = 5;
const LOOK_MS = 20;

const isUp = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/storage/v1/b?project=none`)).ok;
  } catch {
    return false;
  }
};

/** @returns null where the port was taken */
const startedOn = async (program: string, port: number): Promise<{ child: ChildProcess; url: string } | null> => {
  const args = ['-backend', 'memory', '-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)];
  const child = spawn(program, [...args, '-log-level', 'error'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  while (child.exitCode === null && child.signalCode === null) {
    if (await isUp(url)) return { child, url };
    await Promise.race([pause(LOOK_MS), ended]);
  }
  return null;
};

/** Starts fake-gcs-server with its data in memory, and a relay before it. @param place where the relay listens */
export const startFakeGcs = async (program: string, place: RelayPlace = {}): Promise<FakeGcs> => {
  for (let tries = 0; tries < TRIES; tries++) {
    const started = await startedOn(program, await freePort());
    if (started === null) continue;
    const { child, url } = started;
    const end = async (): Promise<void> => {
      const ended = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null && child.kill()) await ended;
    };
    try {
      const relay = await gcsRelay(url, place);
      return {
        relay,
        url,
        stop: async () => {
          await relay.stop();
          await end();
        },
      };
    } catch (error) {
      await end();
      throw error;
    }
  }
  throw new Error(`${program} does not start`);
};
