import { storeConformance } from './suite.ts';
import { openStoreIn, temporaryFolder } from './temporary.ts';

storeConformance('sqlite', async (collections) => {
  const folder = await temporaryFolder();
  const store = await openStoreIn(folder.path, { collections });
  return {
    store,
    dispose: async () => {
      await store.close();
      await folder.remove();
    },
  };
});
