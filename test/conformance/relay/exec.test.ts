import { createMemoryHub, memoryRelay } from '#drivers/relay/memory/memory.ts';
import { systemClock } from '#platform/clock.ts';
import { connectExec } from '#platform/protocol/exec-channel.ts';
import { serveExec } from '#platform/protocol/serve.ts';
import { localTarget } from '../exec/local-target.ts';
import { execConformance } from '../exec/suite.ts';
import { agentOf } from './dial.ts';

/** The whole exec contract from one instance, for a session whose agent has dialled in to another one. */
execConformance('a session behind a relay', async () => {
  const target = await localTarget();
  const observed = await target.ensure('ses-exec');
  if (observed.state !== 'running') throw new Error(`the session is ${observed.state}: ${observed.message}`);
  const hub = createMemoryHub();
  const [here, there] = [memoryRelay({ hub, clock: systemClock }), memoryRelay({ hub, clock: systemClock })];
  await there.claim(agentOf('ses-exec'), (connection) => {
    serveExec(connection, {
      open: async () => {
        const channel = await target.open('ses-exec');
        connection.once('close', () => channel.close());
        return { channel };
      },
    });
  });
  return {
    tty: true,
    open: async () => connectExec(await here.connect('ses-exec')),
    close: async () => {
      await here.close();
      await there.close();
      await target.close();
    },
  };
});
