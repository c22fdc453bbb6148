import { join } from 'node:path';
import type { Observation } from '#ports/compute.ts';
import type { Servers } from '../../cloud-local/topology.ts';
import { FIRESTORE, type GrpcRelay, startGrpcRelay } from '../../support/grpc-relay.ts';
import { queueCall, storeCall } from './calls.ts';
import { startKeeperTap } from './keeper-tap.ts';

const CLOUD_TASKS = { service: 'google.cloud.tasks.v2.CloudTasks', methods: { CreateTask: 'unary' } } as const;

/** Is asked at both moments of each remote call of a function. False: the call ends there, without an answer. */
export type StepGate = (fn: string, call: string, moment: 'asked' | 'done') => boolean | Promise<boolean>;

/** What the keeper has told the functions of each sandbox, by its key. */
export interface Witness {
  /** The last that it said of one that was made: from when to when it ran. */
  readonly ran: ReadonlyMap<string, Observation>;
  /** When it first said at a removal that there was none, epoch milliseconds. */
  readonly absent: ReadonlyMap<string, number>;
}

export interface Taps {
  /** Settings by which a function calls through taps of its own. */
  settingsOf(fn: string, servers: Servers): Promise<NodeJS.ProcessEnv>;
  /** The way from a function to Cloud Tasks. */
  queueOf(fn: string): GrpcRelay | undefined;
  readonly witness: Witness;
  stop(): Promise<void>;
}

/** Relays between each function and Firestore, Cloud Tasks and the keeper. They know which call is under way. */
export const openTaps = (gate: StepGate): Taps => {
  const queues = new Map<string, GrpcRelay>();
  const ran = new Map<string, Observation>();
  const absent = new Map<string, number>();
  const taps: { stop(): Promise<void> }[] = [];
  return {
    settingsOf: async (fn, { emulatorHost, tasksHost, dataDir }) => {
      const store = await startGrpcRelay(emulatorHost, FIRESTORE, {
        gate: ({ method, request, moment }) => gate(fn, storeCall(method, request), moment),
      });
      const queue = await startGrpcRelay(tasksHost, CLOUD_TASKS, {
        gate: ({ method, request, moment }) => gate(fn, queueCall(method, request), moment),
      });
      const ownDir = join(dataDir, fn);
      const keeper = await startKeeperTap({
        dataDir,
        ownDir,
        ask: (call, moment) => gate(fn, call, moment),
        answered: ({ op, key, spec }, result) => {
          if (op !== 'ensure' && op !== 'observe' && op !== 'remove') return;
          const of = String(key ?? (spec as { readonly key?: unknown } | undefined)?.key);
          const seen = result as Observation;
          if (seen.started_at !== null) ran.set(of, seen);
          if (op === 'remove' && seen.state === 'absent') absent.set(of, absent.get(of) ?? seen.seen_at);
        },
      });
      queues.set(fn, queue);
      taps.push(store, queue, keeper);
      return {
        FIRESTORE_EMULATOR_HOST: store.host,
        ONMEMOS_TASKS_ENDPOINT: queue.host,
        ONMEMOS_DATA_DIR: ownDir,
      };
    },
    queueOf: (fn) => queues.get(fn),
    witness: { ran, absent },
    stop: async () => {
      for (const tap of taps) await tap.stop();
    },
  };
};
