import { storeConformance } from '../conformance/store/suite.ts';
import { Documents } from './doubles/documents.ts';
import { simulatedStore } from './doubles/store.ts';
import { Random } from './kernel/random.ts';

/** The simulation is only a proof if its store fulfils the contract of every driver. */
storeConformance('simulated', async (collections) => {
  const random = new Random(collections.length);
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      if (random.chance(0.5)) setImmediate(resolve);
      else setTimeout(resolve, random.whole(0, 2));
    });
  const store = simulatedStore(new Documents(collections), {
    reach: async (_label, effect) => {
      if (random.chance(0.5)) {
        await turn();
        return effect();
      }
      const result = effect();
      await turn();
      return result;
    },
    pause: turn,
    tries: 500,
    watch: true,
    looks: () => true,
    copies: true,
  });
  return { store, dispose: () => store.close() };
});
