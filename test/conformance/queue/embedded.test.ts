import { temporaryFolder } from '../store/temporary.ts';
import { openQueueIn } from './embedded-fixture.ts';
import { queueConformance } from './suite.ts';

queueConformance('embedded', async (catalogue) => {
  const folder = await temporaryFolder();
  const { store, queue } = await openQueueIn(folder.path, { catalogue });
  return {
    queue,
    start: (handler) => queue.start(handler),
    dispose: async () => {
      await queue.stop(1000);
      await store.close();
      await folder.remove();
    },
  };
});
