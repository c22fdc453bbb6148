import type { Background } from './background.ts';
import type { Clock } from './clock.ts';
import type { ComputeRegistry } from './compute.ts';
import type { Ids } from './ids.ts';
import type { Logger } from './logger.ts';
import type { TaskQueue } from './queue.ts';
import type { Outbound } from './outbound.ts';
import type { Relay } from './relay.ts';
import type { Secrets } from './secrets.ts';
import type { Storages } from './storages.ts';
import type { Store } from './store.ts';

/** Everything the services need from outside. Made by `wiring/`, or by a test. */
export interface Ports {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly computes: ComputeRegistry;
  readonly storages: Storages;
  readonly secrets: Secrets;
  readonly background: Background;
  readonly relay: Relay;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}
