import { createMemoryHub, memoryRelay } from '#drivers/relay/memory/memory.ts';
import { systemClock } from '#platform/clock.ts';
import type { Relay } from '#ports/relay.ts';
import { relayConformance } from './suite.ts';

relayConformance('memory', async () => {
  const hub = createMemoryHub();
  const instances: Relay[] = [];
  return {
    instance: async () => {
      const relay = memoryRelay({ hub, clock: systemClock });
      instances.push(relay);
      return relay;
    },
    dispose: async () => {
      for (const relay of instances) await relay.close();
    },
  };
});
